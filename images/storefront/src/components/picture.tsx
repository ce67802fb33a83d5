import { say } from "../language/say.ts";
import { settings } from "../settings.ts";
import { pictureUrl, type Sizes, sizesOf } from "../shop/picture.ts";
import { useTexts } from "./frame.tsx";

interface PictureProps {
  readonly stored: string | null | undefined;
  readonly alt: string;
  /** The first pictures of a page are fetched at once, the rest as they come into view. */
  readonly eager?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** How wide it is shown, in the words of `sizes`. */
  readonly shown?: string;
}

/** As styles/listing.css has it: below, a row to swipe. */
const PHONE = "(max-width: 52rem)";

/** A product's picture in a frame whose size is known before the picture is there. */
export function Picture({ stored, alt, eager = false, width = 800, height = 1000, shown }: PictureProps) {
  const texts = useTexts();
  if (!stored) {
    if (alt === "") return <div className="picture picture-none" />;
    return <div className="picture picture-none" role="img" aria-label={say(texts.noPicture, { name: alt })} />;
  }
  const { mediaUrl } = settings();
  const url = pictureUrl(stored, mediaUrl);
  const sizes = sizesOf(url, mediaUrl);
  const widths = shown ?? `${width}px`;
  const picture = (
    <img
      className="picture"
      src={sizes?.src ?? url}
      {...(sizes === undefined ? {} : { srcSet: sizes.srcSet("jpg", "any"), sizes: widths })}
      alt={alt}
      width={width}
      height={height}
      decoding="async"
      loading={eager ? "eager" : "lazy"}
      fetchPriority={eager ? "high" : "auto"}
    />
  );
  if (sizes === undefined) return picture;
  return (
    <picture>
      {sizes.isLarge ? <Sources sizes={sizes} screen="phone" shown={widths} /> : null}
      <Sources sizes={sizes} screen="any" shown={widths} />
      {picture}
    </picture>
  );
}

/** The best format first: a browser takes the first that it knows. */
function Sources({ sizes, screen, shown }: { sizes: Sizes; screen: "phone" | "any"; shown: string }) {
  const media = screen === "phone" ? { media: PHONE } : {};
  return (["avif", "webp"] as const).map((format) => (
    <source key={format} type={`image/${format}`} srcSet={sizes.srcSet(format, screen)} sizes={shown} {...media} />
  ));
}
