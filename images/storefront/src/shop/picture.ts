/** What Medusa's file providers name an upload: `<name>-<ULID>.<ext>`. */
const UPLOAD = /-[0-9A-HJKMNP-TV-Z]{26}\.[a-z0-9]+$/i;

/**
 * The address a browser reads a picture from. The backend stores the full address of the day of the upload; one of our
 * own uploads is therefore looked up under today's media URL. Foreign pictures keep their address.
 */
export function pictureUrl(stored: string, mediaUrl: string): string {
  if (stored.startsWith(`${mediaUrl}/`)) return stored;
  const url = URL.parse(stored);
  if (url === null) return `${mediaUrl}/${stored.replace(/^\/+/, "")}`;
  const file = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return UPLOAD.test(file) ? `${mediaUrl}/${file}` : stored;
}

/** The backend makes each upload in these frames, whose width the name of its largest JPEG ends with (images/backend). */
const SIZED = /^(.*\.w)(400|800|1200)(-[0-9A-HJKMNP-TV-Z]{26})\.jpg$/;
const FRAMES = [400, 800, 1200];
/** Phones are sent no more: what is behind it they show smaller than it is. */
const PHONE_FRAMES = 2;

export interface Sizes {
  /** A `srcset` of one format; for phones, of its smaller sizes. */
  readonly srcSet: (format: "avif" | "webp" | "jpg", screen: "phone" | "any") => string;
  readonly isLarge: boolean;
  /** For whoever knows no `srcset`. */
  readonly src: string;
}

/** The sizes there are of the picture at `url`; undefined of one from before there were sizes, and of foreign ones. */
export function sizesOf(url: string, mediaUrl: string): Sizes | undefined {
  const [, name = "", largest, id = ""] = (url.startsWith(`${mediaUrl}/`) && SIZED.exec(url)) || [];
  if (largest === undefined) return undefined;
  const frames = FRAMES.filter((frame) => frame <= Number(largest));
  const of = (frame: number, format: string) => `${name}${frame}${id}.${format}`;
  return {
    srcSet: (format, screen) =>
      frames
        .slice(0, screen === "phone" ? PHONE_FRAMES : frames.length)
        .map((frame) => `${of(frame, format)} ${frame}w`)
        .join(", "),
    isLarge: frames.length > PHONE_FRAMES,
    src: of(Math.min(Number(largest), FRAMES[PHONE_FRAMES - 1] ?? 0), "jpg"),
  };
}
