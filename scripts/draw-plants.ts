// Usage: node scripts/draw-plants.ts. Paints the demo plants' pictures anew with Chromium, after a drawing changed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { PLANTS } from "./demo/catalogue.ts";
import { DRAWINGS, PICTURES } from "./demo/pictures.ts";

const QUALITY = 0.85;

/** In the page's own words, for it is no Node: the drawing, painted, as bytes. */
const paintIn = (address: string) => `(async () => {
  const image = new Image();
  image.src = ${JSON.stringify(address)};
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: ${QUALITY} });
  return [...new Uint8Array(await blob.arrayBuffer())];
})()`;

/** The drawing as a browser shows it: the shop takes no SVG, which is a program. */
async function paint(page: Page, svg: string): Promise<Buffer> {
  const address = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return Buffer.from(await page.evaluate<number[]>(paintIn(address)));
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  mkdirSync(PICTURES, { recursive: true });
  const drawnFrom: Record<string, string> = {};
  for (const { handle } of PLANTS) {
    const svg = readFileSync(join(DRAWINGS, `${handle}.svg`), "utf8");
    writeFileSync(join(PICTURES, `${handle}.webp`), await paint(page, svg));
    drawnFrom[handle] = createHash("sha256").update(svg).digest("hex");
  }
  writeFileSync(join(PICTURES, "drawn-from.json"), `${JSON.stringify(drawnFrom, undefined, 2)}\n`);
} finally {
  await browser.close();
}
