import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import type { Mail } from "../mail-environment.ts";
import { type Language, languageOf } from "./language.ts";
import type { Sheet } from "./letters/wording.ts";

/** Looks things up for letters; `find` gives the first row, undefined where there is none (any more). */
export type Office = {
  mail: Mail;
  sheet: (language: Language) => Promise<Sheet>;
  find: <Row>(entity: string, asked: { fields: readonly string[]; filters: object }) => Promise<Row | undefined>;
};

export function openOffice(container: MedusaContainer, mail: Mail): Office {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const find: Office["find"] = async <Row>(
    entity: string,
    { fields, filters }: { fields: readonly string[]; filters: object },
  ) => {
    const { data } = await query.graph({ entity, fields: [...fields], filters } as Parameters<typeof query.graph>[0]);
    return data[0] as Row | undefined;
  };
  const sheet = async (language: Language) => {
    const store = await find<{ name: string }>("store", { fields: ["name"], filters: {} });
    return { shop: store?.name ?? "GreenLeaf", shopUrl: mail.shopUrl, language };
  };
  return { mail, sheet, find };
}

/** The language a visitor had chosen when the order or the account was made. */
export function toldLanguage(metadata: unknown, { mail }: Pick<Office, "mail">): Language {
  const { language } = (typeof metadata === "object" && metadata !== null ? metadata : {}) as { language?: unknown };
  return languageOf(language, mail.language);
}
