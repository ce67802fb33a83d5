/** What the header of a picture says, in the words of sharp. */
export type Header = {
  format?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
  isProgressive?: boolean | undefined;
  chromaSubsampling?: string | undefined;
  bitsPerSample?: number | undefined;
};

/** Beside Node and what encoding takes, so that one picture costs at most 256 MB. */
const MOST_BYTES = 160_000_000;

/** Why a picture is not decoded, in words for whoever uploaded it; undefined for one that is. */
export function tooCostly(header: Header): string | undefined {
  const pixels = (header.width ?? 0) * (header.height ?? 0);
  if (pixels * bytesPerPixel(header) <= MOST_BYTES) return undefined;
  const most = Math.floor(MOST_BYTES / bytesPerPixel(header) / 1e6);
  return `has ${Math.round(pixels / 1e6)} megapixels; of its kind ${most} are taken: make it smaller, or save it as an ordinary (not progressive) JPEG`;
}

/** Bytes in memory for a pixel while it is decoded. Line by line costs nothing; every other kind is there as a whole. */
function bytesPerPixel({ format, isProgressive, chromaSubsampling, bitsPerSample = 8 }: Header): number {
  if (format === "jpeg") return isProgressive === true ? (chromaSubsampling?.startsWith("4:2:0") ? 3 : 6) : 0;
  if (format === "png") return isProgressive === true ? 4 * Math.ceil(bitsPerSample / 8) : 0;
  return format === "heif" ? 6 * Math.ceil(bitsPerSample / 8) : 5;
}
