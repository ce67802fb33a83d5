import { say } from "../language/say.ts";
import { settings } from "../settings.ts";
import { pictureUrl } from "../shop/picture.ts";
import { useTexts } from "./frame.tsx";

interface PictureProps {
  readonly stored: string | null | undefined;
  readonly alt: string;
  /** The first pictures of a page are fetched at once, the rest as they come into view. */
  readonly eager?: boolean;
  readonly width?: number;
  readonly height?: number;
}

/** A product's picture in a frame whose size is known before the picture is there. */
export function Picture({ stored, alt, eager = false, width = 800, height = 1000 }: PictureProps) {
  const texts = useTexts();
  if (!stored) {
    if (alt === "") return <div className="picture picture-none" />;
    return <div className="picture picture-none" role="img" aria-label={say(texts.noPicture, { name: alt })} />;
  }
  return (
    <img
      className="picture"
      src={pictureUrl(stored, settings().mediaUrl)}
      alt={alt}
      width={width}
      height={height}
      decoding="async"
      loading={eager ? "eager" : "lazy"}
      fetchPriority={eager ? "high" : "auto"}
    />
  );
}
