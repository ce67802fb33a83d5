import { formatMoney } from "../shop/money.ts";
import { customerPrice } from "../shop/price.ts";
import type { Variant } from "../store/types.ts";

/** The price of a product's only variant, or a choice among several, each with its own. */
export function VariantChoice({ variants }: { variants: readonly Variant[] }) {
  const [only, ...others] = variants;
  if (only === undefined) return null;
  if (others.length === 0) {
    return (
      <>
        <input type="hidden" name="variant" value={only.id} />
        <p className="price">{variantPrice(only)}</p>
      </>
    );
  }
  return (
    <fieldset className="choice">
      <legend>Size</legend>
      {variants.map((variant, index) => (
        <label key={variant.id}>
          <input type="radio" name="variant" value={variant.id} defaultChecked={index === 0} required />
          <span>{variant.title}</span>
          <strong>{variantPrice(variant)}</strong>
        </label>
      ))}
    </fieldset>
  );
}

function variantPrice({ calculated_price }: Variant): string {
  const amount = customerPrice(calculated_price);
  return amount === undefined || !calculated_price ? "" : formatMoney(amount, calculated_price.currency_code);
}
