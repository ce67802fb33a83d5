import type { Page } from "playwright-core";

// The few things of a browser that drawing touches (see in-page.ts).
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(kind: "2d"): {
    createImageData(width: number, height: number): { data: Uint8ClampedArray };
    putImageData(pixels: object, x: number, y: number): void;
  };
  convertToBlob(as: { type: string; quality: number }): Promise<Blob>;
};
declare const btoa: (text: string) => string;

/** What a camera writes beside the picture: lie on the side, and where the garden is. */
export const GARDEN = "garden at 48.8566 N 2.3522 E";

/** A JPEG as a camera makes them: some 15 MB of grain, upright only for who reads its EXIF. */
export async function photograph(page: Page, { width = 4800, height = 3600, most = 15_500_000 } = {}): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ({ width, height, most }) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      const pixels = context.createImageData(width, height);
      const words = new Uint32Array(pixels.data.buffer);
      let seed = 1;
      for (let at = 0; at < words.length; at += 1) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        // Leaves of eight pixels, and grain over them: much to see in every size.
        const leaf = Math.imul(((at % width) >> 3) * 7_919 + Math.floor(at / width / 8) * 104_729, 2_654_435_761);
        words[at] = (0xff_10_30_10 + ((leaf >>> 9) & 0x7f7f7f) + ((seed >>> 8) & 0x1f1f1f)) >>> 0;
      }
      context.putImageData(pixels, 0, 0);
      let blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
      for (let quality = 0.98; blob.size > most; quality -= 0.02)
        blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const pieces: string[] = [];
      for (let at = 0; at < bytes.length; at += 30_000)
        pieces.push(String.fromCharCode(...bytes.subarray(at, at + 30_000)));
      return btoa(pieces.join(""));
    },
    { width, height, most },
  );
  const jpeg = Buffer.from(base64, "base64");
  return Buffer.concat([jpeg.subarray(0, 2), exif(), jpeg.subarray(2)]);
}

/** Orientation 6: the camera was turned by a quarter. */
function exif(): Buffer {
  const entry = Buffer.alloc(12);
  entry.writeUInt16LE(0x0112, 0);
  entry.writeUInt16LE(3, 2);
  entry.writeUInt32LE(1, 4);
  entry.writeUInt16LE(6, 8);
  const tiff = Buffer.concat([Buffer.from("II*\0\x08\0\0\0\x01\0", "latin1"), entry, Buffer.alloc(4)]);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, Buffer.from(`${GARDEN}\0`)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
