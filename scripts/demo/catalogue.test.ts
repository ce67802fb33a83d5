import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLANTS } from "./catalogue.ts";
import { DRAWINGS, PICTURES } from "./pictures.ts";

test("there are at least twelve plants, each with its own handle, name and words", () => {
  expect(PLANTS.length).toBeGreaterThanOrEqual(12);
  for (const key of ["handle", "title", "latin", "description"] as const) {
    expect(new Set(PLANTS.map((plant) => plant[key])).size).toBe(PLANTS.length);
  }
});

test.each(PLANTS.map((plant) => [plant.handle, plant] as const))("%s can be sold", (handle, plant) => {
  expect(handle).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(plant.description.length).toBeGreaterThan(80);
  expect(new Set(plant.sizes.map(([pot]) => pot)).size).toBe(plant.sizes.length);
  const prices = plant.sizes.map(([, euros]) => euros);
  expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  expect(prices.every((euros) => euros > 0 && Math.abs(euros * 100 - Math.round(euros * 100)) < 1e-6)).toBe(true);
});

/** Opened and closed elements of machine-made markup; every `url(#…)` and `href="#…"` must name a defined id. */
function problemsOf(svg: string): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  for (const [, close, name = "", self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
    if (self === "/") continue;
    if (close === "") open.push(name);
    else if (open.pop() !== name) problems.push(`</${name}> closes nothing`);
  }
  const ids = new Set([...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, id] of svg.matchAll(/(?:url\(|href=")#([\w-]+)/g)) if (!ids.has(id)) problems.push(`no #${id}`);
  if (/NaN|undefined|Infinity/.test(svg)) problems.push("a number is missing");
  return [...problems, ...open.map((name) => `<${name}> stays open`)];
}

const drawingOf = ({ handle }: { handle: string }) => readFileSync(join(DRAWINGS, `${handle}.svg`), "utf8");

test.each(PLANTS.map((plant) => [plant.handle, plant] as const))("the drawing of %s is whole and small", (_, plant) => {
  const svg = drawingOf(plant);
  expect(problemsOf(svg)).toEqual([]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="800" height="1000" /);
  expect(svg.length).toBeLessThan(64_000);
  expect(svg).not.toMatch(/<script|<foreignObject|https?:\/\/(?!www\.w3\.org\/2000\/svg")/);
});

test("every plant has a drawing of its own, and no drawing is without its plant", () => {
  expect(new Set(PLANTS.map(drawingOf)).size).toBe(PLANTS.length);
  expect(readdirSync(DRAWINGS).toSorted()).toEqual(PLANTS.map(({ handle }) => `${handle}.svg`).toSorted());
});

test("each plant has a picture that was made of its present drawing (node scripts/draw-plants.ts)", () => {
  const drawn = PLANTS.map((plant) => [plant.handle, createHash("sha256").update(drawingOf(plant)).digest("hex")]);
  expect(JSON.parse(readFileSync(join(PICTURES, "drawn-from.json"), "utf8"))).toEqual(Object.fromEntries(drawn));
  const pictures = PLANTS.map(({ handle }) => `${handle}.webp`).toSorted();
  expect(readdirSync(PICTURES).filter((name) => name !== "drawn-from.json")).toEqual(pictures);
  for (const name of pictures) {
    const bytes = readFileSync(join(PICTURES, name));
    expect([name, bytes.toString("latin1", 8, 12), bytes.length < 100_000]).toEqual([name, "WEBP", true]);
  }
});
