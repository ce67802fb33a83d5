/**
 * Widths of the frames that pictures are shown in. A size fits into the square as high as the frame, which is 4:5: an upright
 * picture fills it to the pixel, a wide one nearly. The storefront's srcset names them (src/shop/picture.ts).
 */
export const FRAMES = [400, 800, 1200] as const;
export type Frame = (typeof FRAMES)[number];

export const FORMATS = ["avif", "webp", "jpg"] as const;
export type Format = (typeof FORMATS)[number];

export type Area = { width: number; height: number };
export type Size = { frame: Frame; format: Format; bytes: Uint8Array };

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  avif: "image/avif",
  webp: "image/webp",
  jpg: "image/jpeg",
};

export const ORIGINALS = "private/originals/";

/** The longest side of a size. */
export const sideOf = (frame: Frame): number => frame * 1.25;

/** The frames up to the first that takes the whole picture: nothing is made larger than it came. */
export function framesFor({ width, height }: Area): Frame[] {
  const enough = FRAMES.findIndex((frame) => sideOf(frame) >= Math.max(width, height));
  return FRAMES.slice(0, enough === -1 ? FRAMES.length : enough + 1);
}

/** What the address of an upload is called: its largest JPEG, which tells by its name which other sizes there are. */
export const endingOf = (frame: Frame): string => `.w${frame}.jpg`;

/** A dot is in no name that somebody chose (file-name.ts), so nobody calls a file as if it had sizes. */
const MAIN = /^([^.]*)\.w(400|800|1200)-([0-9A-HJKMNP-TV-Z]{26})\.jpg$/;

/** The key of each size of the upload whose address has the key `main`; undefined for one of before there were sizes. */
export function keysOf(main: string): { of: (frame: Frame, format: Format) => string; all: string[] } | undefined {
  const [, name, largest, id] = MAIN.exec(main) ?? [];
  if (largest === undefined) return undefined;
  const of = (frame: Frame, format: Format) => `${name}.w${frame}-${id}.${format}`;
  const frames = FRAMES.filter((frame) => frame <= Number(largest));
  const sizes = frames.flatMap((frame) => FORMATS.map((format) => of(frame, format)));
  return { of, all: [...sizes, `${ORIGINALS}${name}-${id}`] };
}

/** Where the file lies that somebody uploaded: in the private bucket, no customer is ever sent it. */
export const originalOf = (main: string): string | undefined => keysOf(main)?.all.at(-1);
