/** What a new shop has to be told before it sells; `missing` names what is not there yet, where that helps. */
export type Step = { id: StepId; done: boolean; missing: string[] };

const TEXTS = ["terms", "privacy", "returns", "imprint", "contact"];

/** As the first run and the demo (scripts/demo) make a shop. */
const FIRST = { title: "GreenLeaf", option: "Standard", price: 5 };
const DEMO_MARK = "greenleaf_demo";
const TRANSFER = "pp_system_default";

type Metadata = Record<string, unknown> | null | undefined;

/** Rows of Medusa's tables, as far as the steps read them. */
export type Facts = {
  stores: readonly { name: string }[];
  locations: readonly { address?: { address_1?: string | null; city?: string | null } | null }[];
  categories: readonly {
    handle: string;
    description?: string | null;
    parent_category?: { handle: string } | null;
  }[];
  options: readonly { name: string; prices?: readonly { amount?: unknown }[] | null }[];
  regions: readonly {
    countries?: readonly { iso_2: string }[] | null;
    payment_providers?: readonly { id: string }[] | null;
  }[];
  taxes: readonly {
    country_code: string | null;
    tax_rates?: readonly { is_default: boolean; rate: number | null }[] | null;
  }[];
  products: readonly { metadata?: Metadata }[];
  sendsMail: boolean;
};

const RULES = {
  name: ({ stores }: Facts) => missing(stores.some(({ name }) => name === FIRST.title) ? [FIRST.title] : []),
  address: ({ locations }: Facts) =>
    missing(locations.some(({ address }) => address?.address_1 && address.city) ? [] : ["address"]),
  texts: ({ categories }: Facts) => missing(TEXTS.filter((text) => !isWritten(text, categories))),
  shipping: ({ options }: Facts) => missing(options.every(isFirstOption) ? [FIRST.option] : []),
  // A transfer needs bank details, and these stand in the imprint.
  payment: ({ regions, categories }: Facts) => {
    const isCovered = ({ payment_providers: providers }: Facts["regions"][number]) =>
      (providers ?? []).some(({ id }) => id !== TRANSFER || isWritten("imprint", categories));
    return missing(regions.length > 0 && regions.every(isCovered) ? [] : ["imprint"]);
  },
  taxes: ({ regions, taxes }: Facts) => {
    const rated = new Set(taxes.filter(hasRate).map(({ country_code }) => country_code));
    const sold = regions.flatMap(({ countries }) => (countries ?? []).map(({ iso_2 }) => iso_2));
    return missing(sold.filter((country) => !rated.has(country)));
  },
  mail: ({ sendsMail }: Facts) => missing(sendsMail ? [] : ["mail/host"]),
  demo: ({ products }: Facts) =>
    missing(products.some(({ metadata }) => Boolean(metadata?.[DEMO_MARK])) ? ["demo"] : []),
} satisfies Record<string, (facts: Facts) => Omit<Step, "id">>;

export type StepId = keyof typeof RULES;

/** The first steps in the order they are taken. */
export const stepsOf = (facts: Facts): Step[] =>
  (Object.keys(RULES) as StepId[]).map((id) => ({ id, ...RULES[id](facts) }));

const missing = (names: string[]): Omit<Step, "id"> => ({ done: names.length === 0, missing: names });

const isWritten = (text: string, categories: Facts["categories"]): boolean =>
  categories.some(
    ({ handle, description, parent_category: parent }) =>
      handle === text && parent?.handle === "pages" && Boolean(description?.trim()),
  );

const isFirstOption = ({ name, prices }: Facts["options"][number]): boolean =>
  name === FIRST.option && (prices ?? []).every(({ amount }) => Number(amount) === FIRST.price);

const hasRate = ({ tax_rates: rates }: Facts["taxes"][number]): boolean =>
  (rates ?? []).some(({ is_default: isDefault, rate }) => isDefault && rate !== null);
