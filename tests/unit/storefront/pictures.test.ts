import { describe, expect, test } from "vitest";
import { pictureUrl, sizesOf } from "../../../images/storefront/src/shop/picture.ts";

const MEDIA = "https://media.example.com";
const FILE = "aloe-01M828TY1Z5CFCYZ1DWYQ2N5QH.svg";

test.each([
  ["a picture that lies there already", `${MEDIA}/${FILE}`, `${MEDIA}/${FILE}`],
  ["an upload from before the media domain moved", `http://localhost:8080/media/${FILE}`, `${MEDIA}/${FILE}`],
  [
    "an upload with an escaped name",
    `https://old.example/a%20b-01M828TY1Z5CFCYZ1DWYQ2N5QH.webp`,
    `${MEDIA}/a%20b-01M828TY1Z5CFCYZ1DWYQ2N5QH.webp`,
  ],
  ["a bare key", FILE, `${MEDIA}/${FILE}`],
  ["a picture of somebody else", "https://cdn.example/plants/aloe.jpg", "https://cdn.example/plants/aloe.jpg"],
  ["a neighbour whose name merely begins like ours", `${MEDIA}.evil/x.png`, `${MEDIA}.evil/x.png`],
])("%s is read from the right place", (_, stored, read) => {
  expect(pictureUrl(stored, MEDIA)).toBe(read);
});

describe("sizes", () => {
  const ID = "01M828TY1Z5CFCYZ1DWYQ2N5QH";

  test("of a large upload are three, and phones are sent the smaller two", () => {
    const sizes = sizesOf(`${MEDIA}/al%C3%B3e.w1200-${ID}.jpg`, MEDIA);
    const at = (frame: number, format: string) => `${MEDIA}/al%C3%B3e.w${frame}-${ID}.${format}`;
    expect(sizes?.srcSet("avif", "any")).toBe(
      `${at(400, "avif")} 400w, ${at(800, "avif")} 800w, ${at(1200, "avif")} 1200w`,
    );
    expect(sizes?.srcSet("webp", "phone")).toBe(`${at(400, "webp")} 400w, ${at(800, "webp")} 800w`);
    expect([sizes?.src, sizes?.isLarge]).toEqual([at(800, "jpg"), true]);
  });

  test("of a small one are only those there are", () => {
    const sizes = sizesOf(`${MEDIA}/dot.w400-${ID}.jpg`, MEDIA);
    expect(sizes?.srcSet("avif", "any")).toBe(`${MEDIA}/dot.w400-${ID}.avif 400w`);
    expect([sizes?.src, sizes?.isLarge]).toEqual([`${MEDIA}/dot.w400-${ID}.jpg`, false]);
  });

  test.each([
    ["an upload from before there were sizes", `${MEDIA}/aloe-${ID}.png`],
    ["a picture of somebody else", `https://cdn.example/aloe.w800-${ID}.jpg`],
    ["a frame that is not made", `${MEDIA}/aloe.w900-${ID}.jpg`],
  ])("%s has none", (_, url) => {
    expect(sizesOf(url, MEDIA)).toBeUndefined();
  });
});
