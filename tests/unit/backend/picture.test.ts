import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanName } from "../../../images/backend/src/modules/media/file-name.ts";
import { pictureIn } from "../../../images/backend/src/modules/media/picture.ts";
import { greyPng } from "../../support/grey-png.ts";

const pictures = join(import.meta.dirname, "../../../docs/pictures");
const base64 = (text: string) => Buffer.from(text, "base64");
const box = (kind: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 8);
  return Buffer.concat([size, Buffer.from(kind, "latin1"), body]);
};

const samples: Record<string, Buffer> = {
  "image/png": readFileSync(join(pictures, "cost.png")),
  "image/jpeg": readFileSync(join(pictures, "shop.jpg")),
  "image/webp": base64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"),
  "image/gif": base64("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
  "image/avif": Buffer.concat([
    box("ftyp", Buffer.from("avif\0\0\0\0avifmif1miaf")),
    box("meta", Buffer.alloc(20)),
    box("mdat", Buffer.alloc(40)),
  ]),
};
const png = samples["image/png"]!;
const jpeg = samples["image/jpeg"]!;

describe("what a file is, is said by its bytes", () => {
  test.each(Object.entries(samples))("%s", (type, bytes) => {
    expect(pictureIn(bytes)?.type).toBe(type);
  });

  test.each(Object.entries(samples))("%s that is cut off is no picture, wherever it is cut", (_, bytes) => {
    const cuts = [0, 3, 8, 12, 20, 30, Math.floor(bytes.length / 2), bytes.length - 6].filter(
      (at) => at < bytes.length,
    );
    expect(cuts.filter((at) => pictureIn(bytes.subarray(0, at)) !== undefined)).toEqual([]);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["HTML", Buffer.from("<!doctype html><script>alert(1)</script>")],
    ["SVG", Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    [
      "HTML behind a picture's first bytes",
      Buffer.concat([png.subarray(0, 8), Buffer.from("<script>1</script>".repeat(9))]),
    ],
    [
      "HTML behind a JPEG's first bytes",
      Buffer.concat([jpeg.subarray(0, 4), Buffer.from("<script>1</script>".repeat(9))]),
    ],
    ["HTML behind GIF89a", Buffer.from("GIF89a/*<script>alert(1)</script>*/=1;")],
    ["HTML in a RIFF", Buffer.from("RIFF\x10\0\0\0WEBP<script>alert(1)</script>", "latin1")],
    [
      "HEIC, which one browser shows",
      Buffer.concat([box("ftyp", Buffer.from("heic\0\0\0\0mif1heic")), box("meta"), box("mdat")]),
    ],
    ["a PDF", Buffer.from("%PDF-1.7\n")],
    ["a table", Buffer.from("Product Id,Product Handle\n1,aloe\n")],
  ])("%s is none", (_, bytes) => {
    expect(pictureIn(bytes)).toBeUndefined();
  });

  test("a byte that was changed on the way is seen", () => {
    for (const at of [12, 30, 60, png.length - 20]) {
      const changed = Buffer.from(png);
      changed[at] = changed[at]! ^ 1;
      expect([at, pictureIn(changed)]).toEqual([at, undefined]);
    }
  });

  test("a size that no phone could show is refused, and data that unpack to more than the size are too", () => {
    expect(pictureIn(greyPng({ width: 60_000, height: 60_000, data: Buffer.alloc(10) }))).toBeUndefined();
    expect(pictureIn(greyPng({ width: 1, height: 1, data: Buffer.alloc(5_000_000) }))).toBeUndefined();
    expect(pictureIn(greyPng({ width: 2, height: 2, data: Buffer.alloc(2) }))).toBeUndefined();
    expect(pictureIn(greyPng({ width: 2, height: 2, data: Buffer.alloc(6) }))?.type).toBe("image/png");
  });

  test("random bytes behind each beginning end in an answer, never in an error", () => {
    let seed = 1;
    const next = () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff;
    for (const bytes of Object.values(samples)) {
      for (let round = 0; round < 200; round += 1) {
        const noise = Buffer.from(Array.from({ length: 64 }, next));
        expect(() => pictureIn(Buffer.concat([bytes.subarray(0, 12 + (round % 20)), noise]))).not.toThrow();
      }
    }
  });
});

test("the demo's pictures are taken", () => {
  const folder = join(import.meta.dirname, "../../../scripts/demo/pictures");
  const names = readdirSync(folder).filter((name) => name.endsWith(".webp"));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names)
    expect([name, pictureIn(readFileSync(join(folder, name)))?.type]).toEqual([name, "image/webp"]);
});

test.each([
  ["leaf.png", "leaf.jpg"],
  ["odd nÃ© â\u0098\u0095.png", "odd-né.jpg"],
  ["odd né.png", "odd-né.jpg"],
  ["odd ne\u0301.png", "odd-né.jpg"],
  ["Ёлка 3.png", "Ёлка-3.jpg"],
  ["पौधा.png", "पौधा.jpg"],
  ["a\u202egnp.exe", "a-gnp.jpg"],
  ["../../etc/passwd", "passwd.jpg"],
  ["..\\..\\evil.svg", "evil.jpg"],
  ["private/x.png", "x.jpg"],
  ["evil.html\0.png", "evil-html.jpg"],
  ['"><script>.jpeg', "script.jpg"],
  ["", "file.jpg"],
  [".htaccess", "file.jpg"],
  ["植物.png", "植物.jpg"],
  [`${"a".repeat(300)}.png`, `${"a".repeat(80)}.jpg`],
])("%j is kept as %s", (given, kept) => {
  expect(cleanName(given, ".jpg")).toBe(kept);
});
