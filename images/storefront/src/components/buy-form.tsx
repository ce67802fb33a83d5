import { isSoldOut } from "../catalogue/stock.ts";
import { forSale } from "../shop/price.ts";
import { MAX_QUANTITY } from "../shop/quantity.ts";
import type { Product } from "../store/types.ts";
import { useTexts } from "./frame.tsx";
import { ShopForm } from "./shop-link.tsx";
import { VariantChoice } from "./variant-choice.tsx";

export function BuyForm({ product }: { product: Product }) {
  const texts = useTexts();
  const variants = forSale(product);
  if (variants.length === 0) return <p className="price">{texts.notForSale}</p>;
  const none = variants.every(isSoldOut);
  return (
    <ShopForm className="buy" action="/api/cart/items">
      <VariantChoice product={product} variants={variants} />
      <input type="hidden" name="from" value={product.handle} />
      {none ? <p className="sold-out">{texts.soldOutLong}</p> : null}
      <div className="buy-row">
        <label htmlFor="quantity">{texts.quantity}</label>
        <input
          id="quantity"
          name="quantity"
          type="number"
          inputMode="numeric"
          min={1}
          max={MAX_QUANTITY}
          defaultValue={1}
          disabled={none}
          required
        />
        <button className="button" type="submit" disabled={none}>
          {none ? texts.soldOut : texts.addToCart}
        </button>
      </div>
    </ShopForm>
  );
}
