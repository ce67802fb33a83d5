import sharp, { type Sharp } from "sharp";
import { type Header, tooCostly } from "./decode-cost.ts";
import { FORMATS, type Format, type Frame, framesFor, type Size, sideOf } from "./sizes.ts";

export type Encoded = { sizes: Size[] } | { refused: string };

/** Six pictures of a plant's page are 600 kB on a phone, which is sent the two smaller frames. */
const MOST_BYTES: Readonly<Record<Frame, number>> = { 400: 40_000, 800: 90_000, 1200: 250_000 };

/** From good to what is tried last, for a picture whose grain would weigh more. */
const QUALITIES: Readonly<Record<Format, readonly number[]>> = {
  avif: [50, 38, 26, 14, 5],
  webp: [75, 55, 35, 15, 3],
  jpg: [76, 60, 42, 25, 10],
};

type Pixels = { data: Buffer; raw: { width: number; height: number; channels: 1 | 2 | 3 | 4 } };

/** Every size of a picture: turned as its EXIF says, in sRGB, without what else its file carries. Of a film the first picture. */
export async function encode(bytes: Buffer): Promise<Encoded> {
  // One picture at a time in a process that ends with it.
  sharp.cache(false);
  sharp.concurrency(1);
  const header = await sharp(bytes).metadata();
  const cost = tooCostly(header as Header);
  if (cost !== undefined) return { refused: cost };
  const frames = framesFor(header);
  const pixels = await decode(bytes, frames.at(-1) ?? 400);
  const sizes: Size[] = [];
  for (const frame of frames)
    for (const format of FORMATS) sizes.push({ frame, format, bytes: await lightest(pixels, frame, format) });
  return { sizes };
}

/**
 * In the largest size that is wanted, so that the whole picture is never in memory. What libvips only warns of is refused (its
 * own default): half a JPEG is a warning.
 */
async function decode(bytes: Buffer, frame: Frame): Promise<Pixels> {
  const image = sharp(bytes, { limitInputPixels: 100_000_000, sequentialRead: true });
  const { data, info } = await within(image.autoOrient(), frame).toColourspace("srgb").raw().toBuffer({
    resolveWithObject: true,
  });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels as 1 | 2 | 3 | 4 } };
}

const within = (image: Sharp, frame: Frame): Sharp =>
  image.resize({ width: sideOf(frame), height: sideOf(frame), fit: "inside", withoutEnlargement: true });

async function lightest({ data, raw }: Pixels, frame: Frame, format: Format): Promise<Buffer> {
  let last: Buffer = Buffer.alloc(0);
  for (const quality of QUALITIES[format]) {
    last = await written(within(sharp(data, { raw }), frame), format, quality);
    if (last.length <= MOST_BYTES[frame]) break;
  }
  return last;
}

/** More effort takes three times as long and saves a hundredth. */
function written(image: Sharp, format: Format, quality: number): Promise<Buffer> {
  if (format === "avif") return image.avif({ quality, effort: 0 }).toBuffer();
  if (format === "webp") return image.webp({ quality, effort: 2 }).toBuffer();
  return image.flatten({ background: "#ffffff" }).jpeg({ quality, progressive: true }).toBuffer();
}
