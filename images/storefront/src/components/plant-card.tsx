import { formatMoney } from "../shop/money.ts";
import { lowestPrice } from "../shop/price.ts";
import type { Product } from "../store/types.ts";
import { Picture } from "./picture.tsx";

export function PlantCard({ product, eager }: { product: Product; eager: boolean }) {
  const price = lowestPrice(product);
  return (
    <li className="card">
      <a href={`/plants/${encodeURIComponent(product.handle)}`}>
        <Picture stored={product.thumbnail} alt="" eager={eager} />
        <span className="card-text">
          <span>
            <span className="card-title">{product.title}</span>
            {product.subtitle ? <span className="card-subtitle">{product.subtitle}</span> : null}
          </span>
          <span className="card-price">
            {price ? `${price.more ? "from " : ""}${formatMoney(price.amount, price.currency)}` : "Not for sale"}
          </span>
        </span>
      </a>
    </li>
  );
}
