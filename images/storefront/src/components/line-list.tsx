import { say } from "../language/say.ts";
import type { LineItem } from "../store/types.ts";
import { useTexts, useWriting } from "./frame.tsx";
import { Picture } from "./picture.tsx";

/** The lines of a cart or an order, to read. */
export function LineList({ items, currency }: { items: readonly LineItem[]; currency: string }) {
  const texts = useTexts();
  const { money } = useWriting();
  return (
    <ul className="lines lines-small">
      {items.map((item) => (
        <li key={item.id}>
          <Picture stored={item.thumbnail} alt="" width={80} height={100} />
          <div>
            <strong>{item.product_title ?? item.title}</strong>
            <VariantName item={item} />
            <span className="muted">{say(texts.quantityOf, { count: item.quantity })}</span>
          </div>
          <span className="line-total">{money(item.total, currency)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Medusa's own names for the only variant of a product say nothing to a customer. */
const NAMELESS = /^default( variant)?$/i;

export function VariantName({ item }: { item: LineItem }) {
  const name = item.variant_title ?? "";
  return name === "" || NAMELESS.test(name) ? null : <span className="muted">{name}</span>;
}
