import { say } from "../language/say.ts";
import type { Product } from "../store/types.ts";
import { useTexts } from "./frame.tsx";
import { Picture } from "./picture.tsx";

/** One picture below the other on a wide screen; on a phone a row to swipe (styles/shop.css). */
export function Gallery({ product, title }: { product: Product; title: string }) {
  const texts = useTexts();
  const pictures = (product.images ?? []).map(({ url }) => url);
  const shown = pictures.length > 0 ? [...new Set(pictures)] : [product.thumbnail];
  const all = shown.map((stored, index) => (
    <Picture
      key={stored ?? "none"}
      stored={stored}
      alt={index === 0 ? title : say(texts.picture, { name: title, number: index + 1 })}
      eager={index === 0}
      shown="(max-width: 52rem) 92vw, 45vw"
    />
  ));
  if (all.length === 1) return <div className="gallery">{all}</div>;
  // A row that scrolls has to be reached by the keyboard.
  return (
    <section className="gallery gallery-several" tabIndex={0} aria-label={say(texts.pictures, { name: title })}>
      {all}
    </section>
  );
}
