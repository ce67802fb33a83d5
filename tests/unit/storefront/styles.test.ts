import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const STYLES = join(import.meta.dirname, "..", "..", "..", "images", "storefront", "src", "styles");
const read = (name: string) => readFileSync(join(STYLES, name), "utf8");

/** What stands between the braces that begin with a text, those within included. */
function blockOf(css: string, head: string): string {
  const start = css.indexOf(head);
  if (start === -1) return "";
  let depth = 0;
  for (let at = css.indexOf("{", start); at < css.length; at += 1) {
    if (css[at] === "{") depth += 1;
    if (css[at] === "}") depth -= 1;
    if (depth === 0) return css.slice(css.indexOf("{", start) + 1, at);
  }
  return "";
}

const colours = (block: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name, value]));

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour = ""): number {
  const hex = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/g, "$&$&") : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (one?: string, other?: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const shop = read("shop.css");
const light = colours(blockOf(shop, ":root"));
const dark = colours(blockOf(blockOf(shop, "@media (prefers-color-scheme: dark)"), ":root"));

test("who has chosen a dark screen sees light letters on a dark ground, and the other way round", () => {
  expect(blockOf(shop, ":root")).toContain("color-scheme: light dark;");
  expect([luminance(light.paper) > 0.8, luminance(light.ink) < 0.1]).toEqual([true, true]);
  expect([luminance(dark.paper) < 0.1, luminance(dark.ink) > 0.7]).toEqual([true, true]);
});

test.each([
  ["light", light],
  ["dark", { ...light, ...dark }],
])("%s: text can be read on every ground it stands on", (_, colour) => {
  for (const ground of ["paper", "card"] as const) {
    for (const text of ["ink", "muted", "leaf", "clay"] as const)
      expect([ground, text, contrast(colour[text], colour[ground]) >= 4.5]).toEqual([ground, text, true]);
  }
  expect(contrast(colour["on-leaf"], colour.leaf)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(colour["on-foot"], colour.foot)).toBeGreaterThanOrEqual(4.5);
});

test("several pictures of a plant are a row to swipe on a phone, which stops at each of them", () => {
  const css = blockOf(read("listing.css"), "@media (max-width: 52rem)");
  const row = blockOf(css, ".gallery-several {");
  expect(row).toMatch(/display: flex;[^]*overflow-x: auto;[^]*scroll-snap-type: x mandatory;/);
  expect(blockOf(css, ".gallery-several .picture {")).toMatch(/flex: none;[^]*scroll-snap-align: center;/);
});
