import { CENTRE, HEIGHT, WIDTH } from "./canvas.ts";
import type { Pot } from "./pots.ts";

interface PictureParts {
  readonly wall: string;
  readonly floor: string;
  readonly pot: Pot;
  readonly shapes: string;
  /** Drawn between the pot's far rim and its front. */
  readonly plant: string;
  /** Drawn over the pot: what hangs. */
  readonly over?: string;
}

/** The whole picture as one SVG document. */
export function drawPicture({ wall, floor, pot, shapes, plant, over = "" }: PictureParts): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    "<defs>",
    '<linearGradient id="round"><stop stop-color="#fff" stop-opacity=".16"/><stop offset=".35" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#10180f" stop-opacity=".3"/></linearGradient>',
    '<radialGradient id="light" cx=".3" cy=".25" r=".9"><stop stop-color="#fff" stop-opacity=".55"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>',
    '<radialGradient id="shadow"><stop stop-color="#1b2418" stop-opacity=".38"/><stop offset="1" stop-color="#1b2418" stop-opacity="0"/></radialGradient>',
    shapes,
    "</defs>",
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${wall}"/>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#light)"/>`,
    `<path d="M0,812H${WIDTH}V${HEIGHT}H0Z" fill="${floor}"/>`,
    `<ellipse cx="${CENTRE + 40}" cy="898" rx="270" ry="44" fill="url(#shadow)"/>`,
    pot.back,
    plant,
    pot.front,
    over,
    "</svg>",
  ].join("");
}
