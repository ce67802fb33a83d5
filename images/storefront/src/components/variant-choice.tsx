import { fewLeft, isSoldOut } from "../catalogue/stock.ts";
import { say } from "../language/say.ts";
import { customerPrice } from "../shop/price.ts";
import type { Product, Variant } from "../store/types.ts";
import type { Texts } from "../texts/texts.ts";
import { useTexts, useWriting } from "./frame.tsx";

interface VariantChoiceProps {
  readonly product: Product;
  readonly variants: readonly Variant[];
}

/** The price of a product's only variant, or a choice among several, each with its own. */
export function VariantChoice({ product, variants }: VariantChoiceProps) {
  const texts = useTexts();
  const price = usePrice();
  const [only, ...others] = variants;
  if (only === undefined) return null;
  if (others.length === 0) {
    return (
      <>
        <input type="hidden" name="variant" value={only.id} />
        <p className="price">
          {price(only)} <Stock variant={only} />
        </p>
      </>
    );
  }
  const first = variants.find((variant) => !isSoldOut(variant));
  return (
    <fieldset className="choice choice-variants">
      <legend>{optionNames(product, texts)}</legend>
      {variants.map((variant) => (
        <label key={variant.id}>
          <input
            type="radio"
            name="variant"
            value={variant.id}
            defaultChecked={variant === first}
            disabled={isSoldOut(variant)}
            required
          />
          <span>
            {variant.title} <Stock variant={variant} />
          </span>
          <strong>{price(variant)}</strong>
        </label>
      ))}
    </fieldset>
  );
}

function Stock({ variant }: { variant: Variant }) {
  const texts = useTexts();
  const few = fewLeft(variant);
  if (isSoldOut(variant)) return <span className="stock stock-none">{texts.soldOut}</span>;
  return few === undefined ? null : <span className="stock">{say(texts.onlyLeft, { count: few })}</span>;
}

/** What there is to choose, as the keeper named it: "Size", or "Colour / Size". */
function optionNames({ options }: Product, texts: Texts): string {
  const known: Readonly<Record<string, string>> = { size: texts.size, colour: texts.colour, color: texts.colour };
  const names = (options ?? []).map(({ title }) => known[title.toLowerCase()] ?? title);
  return names.length === 0 ? texts.size : names.join(" / ");
}

function usePrice() {
  const { money } = useWriting();
  return ({ calculated_price }: Variant): string => {
    const amount = customerPrice(calculated_price);
    return amount === undefined || !calculated_price ? "" : money(amount, calculated_price.currency_code);
  };
}
