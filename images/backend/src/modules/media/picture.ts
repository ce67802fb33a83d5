import { crc32, inflateSync } from "node:zlib";

/** What a file is by its bytes. Every browser shows these; SVG and HTML are programs, HEIC shows in Safari alone. */
export type Picture = { type: string; extension: string };

type Format = Picture & { begins: (bytes: Buffer) => boolean; isWhole: (bytes: Buffer) => boolean };

const text = (bytes: Buffer, from: number, to: number): string => bytes.toString("latin1", from, to);

const formats: readonly Format[] = [
  {
    type: "image/jpeg",
    extension: ".jpg",
    begins: (bytes) => bytes.length > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
    isWhole: isWholeJpeg,
  },
  {
    type: "image/png",
    extension: ".png",
    begins: (bytes) => text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
    isWhole: isWholePng,
  },
  {
    type: "image/webp",
    extension: ".webp",
    begins: (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === "WEBP",
    isWhole: isWholeWebp,
  },
  {
    type: "image/gif",
    extension: ".gif",
    begins: (bytes) => /^GIF8[79]a$/.test(text(bytes, 0, 6)),
    isWhole: isWholeGif,
  },
  {
    type: "image/avif",
    extension: ".avif",
    begins: (bytes) => text(bytes, 4, 8) === "ftyp" && /^avi[fs]$/.test(text(bytes, 8, 12)),
    isWhole: isWholeAvif,
  },
];

/** What phones of one maker save; Safari alone shows it. */
export function isHeic(bytes: Buffer): boolean {
  if (text(bytes, 4, 8) !== "ftyp") return false;
  const brand = text(bytes, 8, 12);
  // A name for all pictures of this family: what is in it says the list behind.
  const isNamed = /^(mif1|msf1)$/.test(brand) && /hei[cxms]|hev[cx]/.test(text(bytes, 16, bytes.readUInt32BE(0)));
  return isNamed || /^(hei[cxms]|hev[cx])$/.test(brand);
}

export const PICTURES = "JPEG, PNG, WebP, GIF or AVIF";
/** Of a picture of 100 megapixels; more costs whoever shows it more memory than a phone has. */
const MOST_PIXELS = 100_000_000;

/** Unpacked at once in the process of the shop. */
const MOST_UNPACKED = 64_000_000;

/** The picture in `bytes`, or undefined when they are none, are cut off, or are too large to be shown. */
export function pictureIn(bytes: Buffer): Picture | undefined {
  const format = formats.find(({ begins }) => begins(bytes));
  if (!format) return undefined;
  try {
    return format.isWhole(bytes) ? { type: format.type, extension: format.extension } : undefined;
  } catch (error) {
    // Reading behind the end, or data that do not unpack.
    if (error instanceof RangeError || (error instanceof Error && "code" in error)) return undefined;
    throw error;
  }
}

const isShowable = (width: number, height: number): boolean => width > 0 && height > 0 && width * height <= MOST_PIXELS;

/** Every chunk with the sum it names, and as many unpacked bytes as the size in the header asks for. */
function isWholePng(bytes: Buffer): boolean {
  const data: Buffer[] = [];
  let header: Buffer | undefined;
  for (let at = 8; ; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    const kind = text(bytes, at + 4, at + 8);
    if (bytes.readUInt32BE(end) !== crc32(bytes.subarray(at + 4, end))) return false;
    const body = bytes.subarray(at + 8, end);
    if (at === 8 && kind !== "IHDR") return false;
    if (kind === "IHDR") header ??= body;
    if (kind === "IDAT") data.push(body);
    if (kind === "IEND") break;
    at = end + 4;
  }
  if (header?.length !== 13 || data.length === 0) return false;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (!isShowable(width, height)) return false;
  const channels = [1, 0, 3, 1, 2, 0, 4][header[9] ?? 1] ?? 0;
  const row = Math.ceil((width * channels * (header[8] ?? 0)) / 8) + 1;
  // A large one is unpacked line by line when its sizes are made (encode.ts).
  if (channels > 0 && row * height > MOST_UNPACKED) return true;
  // Interlaced pictures have a few rows more, and are only known to unpack.
  const needed = header[12] === 0 ? row * height : 1;
  return (
    channels > 0 && inflateSync(Buffer.concat(data), { maxOutputLength: row * height * 2 + 1_024 }).length >= needed
  );
}

/** Segments up to the scan, a frame with a size among them, and the mark of the end behind the scan. */
function isWholeJpeg(bytes: Buffer): boolean {
  let hasFrame = false;
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) return false;
    const mark = bytes.readUInt8(at + 1);
    if (mark === 0xff) {
      at += 1;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return false;
    if (mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark)) {
      hasFrame = isShowable(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
      if (!hasFrame) return false;
    }
    at += 2 + length;
    if (mark === 0xda) return hasFrame && bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > at;
  }
}

function isWholeWebp(bytes: Buffer): boolean {
  if (bytes.readUInt32LE(4) + 8 > bytes.length) return false;
  const kind = text(bytes, 12, 16);
  if (20 + bytes.readUInt32LE(16) > bytes.length) return false;
  if (kind === "VP8 ") {
    return (
      text(bytes, 23, 26) === "\x9d\x01\x2a" &&
      isShowable(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff)
    );
  }
  if (kind === "VP8L") {
    const size = bytes.readUInt32LE(21);
    return bytes[20] === 0x2f && isShowable((size & 0x3fff) + 1, ((size >>> 14) & 0x3fff) + 1);
  }
  const isExtended = kind === "VP8X" && /VP8[ L]|ANMF/.test(text(bytes, 30, bytes.length));
  return isExtended && isShowable(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
}

/** An image block with data in it; what follows the mark of the end is not looked at, as by browsers. */
function isWholeGif(bytes: Buffer): boolean {
  if (!isShowable(bytes.readUInt16LE(6), bytes.readUInt16LE(8))) return false;
  const tableOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let hasImage = false;
  for (let at = 13 + tableOf(bytes.readUInt8(10)); ; ) {
    const mark = bytes.readUInt8(at);
    if (mark === 0x3b) return hasImage;
    if (mark !== 0x21 && mark !== 0x2c) return false;
    at += mark === 0x21 ? 2 : 11 + tableOf(bytes.readUInt8(at + 9));
    hasImage ||= mark === 0x2c && bytes.readUInt8(at) > 0;
    for (let size = bytes.readUInt8(at); size > 0; size = bytes.readUInt8(at)) at += size + 1;
    at += 1;
  }
}

/** Boxes that end where the file ends, with the description and the data of a picture among them. */
function isWholeAvif(bytes: Buffer): boolean {
  const kinds = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    kinds.add(text(bytes, at + 4, at + 8));
    if (size === 0) break;
    if (size < 8 || at + size > bytes.length) return false;
    at += size;
  }
  return kinds.has("meta") && kinds.has("mdat");
}
