import { describe, expect, test } from "vitest";
import { tooCostly } from "../../../images/backend/src/modules/media/decode-cost.ts";
import { cleanName } from "../../../images/backend/src/modules/media/file-name.ts";
import { isHeic } from "../../../images/backend/src/modules/media/picture.ts";
import { endingOf, framesFor, keysOf, ORIGINALS, originalOf } from "../../../images/backend/src/modules/media/sizes.ts";

const ID = "01M828TY1Z5CFCYZ1DWYQ2N5QH";

describe("sizes are made up to what was uploaded", () => {
  test.each([
    [{ width: 1, height: 1 }, [400]],
    [{ width: 400, height: 500 }, [400]],
    [{ width: 501, height: 10 }, [400, 800]],
    [{ width: 800, height: 1000 }, [400, 800]],
    [{ width: 10, height: 1001 }, [400, 800, 1200]],
    [{ width: 6000, height: 4000 }, [400, 800, 1200]],
  ])("%j: %j", (area, frames) => {
    expect(framesFor(area)).toEqual(frames);
  });
});

describe("the key of an upload's address", () => {
  test("names every other size and the original", () => {
    expect(keysOf(`leaf.w800-${ID}.jpg`)?.all).toEqual([
      `leaf.w400-${ID}.avif`,
      `leaf.w400-${ID}.webp`,
      `leaf.w400-${ID}.jpg`,
      `leaf.w800-${ID}.avif`,
      `leaf.w800-${ID}.webp`,
      `leaf.w800-${ID}.jpg`,
      `private/originals/leaf-${ID}`,
    ]);
    expect(keysOf(`植物.w1200-${ID}.jpg`)?.all).toHaveLength(10);
    expect(originalOf(`植物.w1200-${ID}.jpg`)).toBe(`${ORIGINALS}植物-${ID}`);
  });

  test("of before there were sizes, or of a table, names nothing else", () => {
    for (const key of [`leaf-${ID}.jpg`, `leaf.w800-${ID}.png`, `leaf.w801-${ID}.jpg`, `private/a-${ID}.csv`])
      expect([key, keysOf(key)]).toEqual([key, undefined]);
  });

  test("is no name that somebody can give a file", () => {
    const [stem = ""] = cleanName("fern.w1200.png", endingOf(400)).split(".w");
    expect(stem).toBe("fern-w1200");
    expect(keysOf(`${stem}.w400-${ID}.jpg`)?.all).toHaveLength(4);
  });
});

describe("what is decoded at all", () => {
  test.each([
    ["a phone's photograph", { format: "jpeg", width: 8000, height: 6000 }],
    ["a large PNG", { format: "png", width: 10_000, height: 9_900 }],
    [
      "a progressive JPEG of a camera",
      { format: "jpeg", width: 8256, height: 5504, isProgressive: true, chromaSubsampling: "4:2:0" },
    ],
    ["an AVIF of 24 megapixels", { format: "heif", width: 6000, height: 4000, bitsPerSample: 8 }],
  ])("%s is", (_, header) => {
    expect(tooCostly(header)).toBeUndefined();
  });

  test.each([
    [
      "a progressive JPEG that lies in memory as a whole",
      { format: "jpeg", width: 9000, height: 9000, isProgressive: true },
    ],
    ["an interlaced PNG", { format: "png", width: 9000, height: 9000, isProgressive: true }],
    ["the same of 16 bits", { format: "png", width: 5000, height: 5000, isProgressive: true, bitsPerSample: 16 }],
    ["a WebP", { format: "webp", width: 9000, height: 9000 }],
    ["a GIF", { format: "gif", width: 9000, height: 9000 }],
    ["an AVIF", { format: "heif", width: 9000, height: 9000 }],
  ])("%s is not, and the answer says what to do", (_, header) => {
    expect(tooCostly(header)).toMatch(/^has \d+ megapixels; of its kind \d+ are taken: make it smaller/);
  });
});

test("HEIC is known by its brands, and AVIF under the family's name is none", () => {
  const file = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length + 4]), Buffer.from(text, "latin1")]);
  for (const brand of ["heic\0\0\0\0mif1heic", "heix\0\0\0\0", "mif1\0\0\0\0mif1heic"])
    expect([brand, isHeic(file(`ftyp${brand}`))]).toEqual([brand, true]);
  for (const brand of ["avif\0\0\0\0mif1", "mif1\0\0\0\0avif"])
    expect([brand, isHeic(file(`ftyp${brand}`))]).toEqual([brand, false]);
  expect(isHeic(Buffer.alloc(0))).toBe(false);
});
