import { say } from "../language/say.ts";
import type { LineTrouble } from "../shop/cart-check.ts";
import type { PriceChange } from "../shop/checked-cart.ts";
import { MAX_QUANTITY } from "../shop/quantity.ts";
import type { LineItem } from "../store/types.ts";
import type { Texts } from "../texts/texts.ts";
import { useTexts, useWriting } from "./frame.tsx";
import { VariantName } from "./line-list.tsx";
import { Picture } from "./picture.tsx";
import { ShopForm, ShopLink } from "./shop-link.tsx";

interface CartLineProps {
  readonly item: LineItem;
  readonly currency: string;
  readonly trouble: LineTrouble | undefined;
  readonly change: PriceChange | undefined;
}

export function CartLine({ item, currency, trouble, change }: CartLineProps) {
  const texts = useTexts();
  const { money } = useWriting();
  const name = item.product_title ?? item.title;
  return (
    <li>
      <Picture stored={item.thumbnail} alt="" width={80} height={100} />
      <div>
        {trouble?.kind === "gone" ? (
          <span className="line-name">{name}</span>
        ) : (
          <ShopLink className="line-name" href={`/plants/${encodeURIComponent(item.product_handle ?? "")}`}>
            {name}
          </ShopLink>
        )}
        <VariantName item={item} />
        {trouble === undefined ? null : (
          <p className="line-trouble" role="alert">
            {sentence(texts, trouble, name)}
          </p>
        )}
        {change === undefined ? null : (
          <p className="line-trouble" role="status">
            {say(texts.linePrice, { name, old: money(change.old, currency), now: money(change.now, currency) })}
          </p>
        )}
        <QuantityForm item={item} name={name} isSold={trouble?.kind !== "gone" && trouble?.kind !== "sold-out"} />
      </div>
      <span className="line-total">{money(item.total, currency)}</span>
    </li>
  );
}

function sentence(texts: Texts, trouble: LineTrouble, name: string): string {
  if (trouble.kind === "gone") return say(texts.lineGone, { name });
  if (trouble.kind === "fewer") return say(texts.lineFewer, { name, count: trouble.left });
  return say(texts.lineSoldOut, { name });
}

/** Each button is a whole step: it sends the quantity it stands for. */
function QuantityForm({ item, name, isSold }: { item: LineItem; name: string; isSold: boolean }) {
  const texts = useTexts();
  const { quantity } = item;
  return (
    <ShopForm className="stepper" action={`/api/cart/items/${encodeURIComponent(item.id)}`}>
      {isSold ? (
        <>
          <button name="quantity" value={quantity - 1} aria-label={say(texts.oneFewer, { name })}>
            −
          </button>
          <span>
            <span className="visually-hidden">{texts.quantity} </span>
            {quantity}
          </span>
          <button
            name="quantity"
            value={quantity + 1}
            aria-label={say(texts.oneMore, { name })}
            disabled={quantity >= MAX_QUANTITY}
          >
            +
          </button>
        </>
      ) : null}
      <button className="remove" name="quantity" value={0} aria-label={say(texts.removeNamed, { name })}>
        {texts.remove}
      </button>
    </ShopForm>
  );
}
