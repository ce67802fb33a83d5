import { isSoldOut } from "../catalogue/stock.ts";
import { localPath } from "../language/language.ts";
import { settings } from "../settings.ts";
import { pictureUrl } from "../shop/picture.ts";
import { customerPrice, forSale } from "../shop/price.ts";
import type { Product } from "../store/types.ts";
import { useFrame } from "./frame.tsx";

interface ProductDataProps {
  readonly product: Product;
  readonly title: string;
  readonly description: string;
}

/** The plant in schema.org's words, for search engines. A block of data, which no browser runs and the CSP lets stand. */
export function ProductData({ product, title, description }: ProductDataProps) {
  const { language, path } = useFrame();
  const { shopUrl, mediaUrl } = settings();
  const pictures = (product.images ?? []).map(({ url }) => url);
  const shown = pictures.length > 0 ? pictures : [product.thumbnail ?? ""].filter(Boolean);
  const data = {
    "@context": "https://schema.org",
    "@type": "Product",
    name: title,
    ...(description === "" ? {} : { description }),
    ...(shown.length === 0 ? {} : { image: shown.map((stored) => pictureUrl(stored, mediaUrl)) }),
    offers: forSale(product).map((variant) => ({
      "@type": "Offer",
      name: variant.title,
      ...(variant.sku ? { sku: variant.sku } : {}),
      url: `${shopUrl}${localPath(language, path)}`,
      price: (customerPrice(variant.calculated_price) ?? 0).toFixed(2),
      priceCurrency: variant.calculated_price?.currency_code.toUpperCase(),
      availability: `https://schema.org/${isSoldOut(variant) ? "OutOfStock" : "InStock"}`,
    })),
  };
  // A title may hold "</script>": no "<" leaves here as itself.
  const text = JSON.stringify(data).replaceAll("<", "\\u003c");
  return <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: text }} />;
}
