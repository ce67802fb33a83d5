import { localized } from "../catalogue/localized.ts";
import { isAllSoldOut } from "../catalogue/stock.ts";
import { say } from "../language/say.ts";
import { lowestPrice } from "../shop/price.ts";
import type { Product } from "../store/types.ts";
import { useLanguage, useTexts, useWriting } from "./frame.tsx";
import { Picture } from "./picture.tsx";
import { ShopLink } from "./shop-link.tsx";

export function PlantCard({ product, eager }: { product: Product; eager: boolean }) {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <li className="card">
      <ShopLink href={`/plants/${encodeURIComponent(product.handle)}`}>
        <Picture stored={product.thumbnail} alt="" eager={eager} shown="(max-width: 52rem) 46vw, 20rem" />
        <span className="card-text">
          <span>
            <span className="card-title">{localized(language, product, "title", product.title)}</span>
            {product.subtitle ? <span className="card-subtitle">{product.subtitle}</span> : null}
          </span>
          <CardPrice product={product} />
        </span>
        {isAllSoldOut(product) ? <span className="badge">{texts.soldOut}</span> : null}
      </ShopLink>
    </li>
  );
}

function CardPrice({ product }: { product: Product }) {
  const texts = useTexts();
  const { money } = useWriting();
  const price = lowestPrice(product);
  if (price === undefined) return <span className="card-price">{texts.notForSaleShort}</span>;
  const amount = money(price.amount, price.currency);
  return <span className="card-price">{price.more ? say(texts.from, { price: amount }) : amount}</span>;
}
