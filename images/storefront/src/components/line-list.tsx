import { formatMoney } from "../shop/money.ts";
import type { LineItem } from "../store/types.ts";
import { Picture } from "./picture.tsx";

/** The lines of a cart or an order, to read. */
export function LineList({ items, currency }: { items: readonly LineItem[]; currency: string }) {
  return (
    <ul className="lines lines-small">
      {items.map((item) => (
        <li key={item.id}>
          <Picture stored={item.thumbnail} alt="" width={80} height={100} />
          <div>
            <strong>{item.product_title ?? item.title}</strong>
            <VariantName item={item} />
            <span className="muted">Quantity {item.quantity}</span>
          </div>
          <span className="line-total">{formatMoney(item.total, currency)}</span>
        </li>
      ))}
    </ul>
  );
}

export function VariantName({ item }: { item: LineItem }) {
  return item.variant_title ? <span className="muted">{item.variant_title}</span> : null;
}
