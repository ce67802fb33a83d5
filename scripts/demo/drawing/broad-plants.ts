import { between, CENTRE, createRandom, curve, type Point, pick, place, stem, towards } from "./canvas.ts";
import { heartLeaf, ovalLeaf, splitLeaf } from "./leaves.ts";
import { drawPicture } from "./picture.ts";
import { drawPot } from "./pots.ts";

interface Stalk {
  /** Where the leaf sits, seen from the pot's mouth: 0 degrees is straight up. */
  readonly degrees: number;
  readonly length: number;
  readonly scale: number;
  readonly narrow?: number;
  /** How the leaf itself is turned; outward along its stalk when left out. */
  readonly turn?: number;
}

/** Leaves on bowed stalks out of one pot, the ones behind first. */
function bouquet(
  shape: string,
  stalks: readonly Stalk[],
  look: { mouth: number; stalk: string; fills: Fills },
): string {
  const foot: Point = { x: CENTRE, y: look.mouth + 12 };
  return stalks
    .map(({ degrees, length, scale, narrow = 1, turn }, index) => {
      const start = { x: foot.x + degrees * 0.5, y: foot.y };
      const end = towards(start, degrees, length);
      const control = towards(start, degrees * 0.35, length * 0.62);
      const leaf = place(shape, {
        ...end,
        degrees: turn ?? degrees * 1.5,
        scale,
        narrow,
        fill: pick(look.fills, index),
      });
      return stem(curve(start, control, end), look.stalk, 8) + leaf;
    })
    .join("");
}

type Fills = readonly [string, ...string[]];

export function drawMonstera(): string {
  const pot = drawPot({ colour: "#c9714a", top: 122, bottom: 88, height: 200, detail: "collar" });
  const stalks: Stalk[] = [
    { degrees: -8, length: 420, scale: 0.92, turn: -14 },
    { degrees: 30, length: 400, scale: 0.86, turn: 44 },
    { degrees: -38, length: 390, scale: 0.9, turn: -58 },
    { degrees: 58, length: 290, scale: 0.82, turn: 96 },
    { degrees: -62, length: 265, scale: 0.76, turn: -108 },
    { degrees: 17, length: 235, scale: 0.95, turn: 22 },
    { degrees: -25, length: 165, scale: 0.74, turn: -40 },
  ];
  const fills: Fills = ["#2f6b47", "#3c7d54", "#28603f", "#458a5b", "#356f4a"];
  const plant = bouquet("monstera", stalks, { mouth: pot.mouth, stalk: "#5b8a56", fills });
  return drawPicture({ wall: "#efe3d3", floor: "#d9c3a8", pot, shapes: splitLeaf("monstera", 235), plant });
}

export function drawCalathea(): string {
  const pot = drawPot({ colour: "#355c63", top: 118, bottom: 96, height: 178, detail: "feet" });
  const stalks: Stalk[] = [
    { degrees: 0, length: 260, scale: 1.05 },
    { degrees: -30, length: 270, scale: 0.98 },
    { degrees: 32, length: 265, scale: 1 },
    { degrees: -58, length: 235, scale: 0.9 },
    { degrees: 60, length: 235, scale: 0.92 },
    { degrees: -14, length: 135, scale: 0.95 },
    { degrees: 18, length: 120, scale: 0.9 },
    { degrees: -46, length: 110, scale: 0.8 },
    { degrees: 48, length: 105, scale: 0.8 },
  ];
  const fills: Fills = ["#2f7356", "#3a8463", "#276548"];
  const plant = bouquet("calathea", stalks, { mouth: pot.mouth, stalk: "#7d3f55", fills });
  return drawPicture({ wall: "#e7e0ea", floor: "#c9bccd", pot, shapes: calatheaLeaf(), plant });
}

/** An oval with the painted bands between its ribs. */
function calatheaLeaf(): string {
  const bands = [0.2, 0.34, 0.48, 0.62, 0.75]
    .map((t) => {
      const y = -230 * t;
      const reach = 54 * Math.sin(Math.PI * (0.2 + t * 0.72));
      const blade = (sign: number) =>
        `M${sign * 5},${y}Q${sign * reach * 0.7},${y - 26} ${sign * reach},${y - 40}Q${sign * reach * 0.5},${y - 4} ${sign * 5},${y + 9}Z`;
      return blade(1) + blade(-1);
    })
    .join("");
  const plain = ovalLeaf("calathea-plain", { length: 230, width: 172, belly: 0.46 });
  return `${plain}<g id="calathea"><use href="#calathea-plain"/><path d="${bands}" fill="#cfe6b8" fill-opacity=".8"/></g>`;
}

export function drawPeaceLily(): string {
  const pot = drawPot({ colour: "#f3efe6", top: 112, bottom: 84, height: 190, detail: "dip", accent: "#8fa9a0" });
  const green: Stalk[] = [-64, 62, -46, 44, -30, 28, -15, 14, 0].map((degrees, index) => ({
    degrees,
    length: 110 + (index % 3) * 45,
    scale: 1 - (index % 4) * 0.06,
    narrow: 0.82,
    turn: degrees * 1.35,
  }));
  const fills: Fills = ["#2d6a48", "#387a55", "#245a3c", "#418560"];
  const leaves = bouquet("blade", green, { mouth: pot.mouth, stalk: "#3c7a50", fills });
  const flowers = bouquet(
    "spathe",
    [
      { degrees: -24, length: 430, scale: 0.95, turn: -20 },
      { degrees: 10, length: 490, scale: 1.1, turn: 12 },
      { degrees: 33, length: 400, scale: 0.85, turn: 34 },
    ],
    { mouth: pot.mouth, stalk: "#5f9463", fills: ["#fffdf6"] },
  );
  const shapes = ovalLeaf("blade", { length: 255, width: 128, belly: 0.5, veinCount: 5 }) + spathe();
  return drawPicture({ wall: "#d5e3dd", floor: "#b4c9c1", pot, shapes, plant: flowers + leaves });
}

function spathe(): string {
  const sail = ovalLeaf("sail", { length: 150, width: 120, belly: 0.42 });
  return `${sail}<g id="spathe"><use href="#sail"/><rect x="-9" y="-104" width="18" height="92" rx="9" fill="#e6cf7a"/></g>`;
}

export function drawRubberPlant(): string {
  const pot = drawPot({ colour: "#e2b04a", top: 116, bottom: 92, height: 186, detail: "stripe" });
  const foot = { x: CENTRE, y: pot.mouth + 10 };
  const top = { x: CENTRE + 14, y: 200 };
  const trunk = stem(curve(foot, { x: CENTRE - 18, y: 450 }, top), "#6b4a3c", 15);
  const fills: Fills = ["#2c3f35", "#4a2f36", "#35503f", "#5b343b"];
  const leaves = Array.from({ length: 13 }, (_, index) => {
    const t = index / 12;
    const y = 640 - t * 420;
    const side = index % 2 === 0 ? 1 : -1;
    const degrees = side * (92 - t * 52);
    return place("rubber", { x: CENTRE - 2 + side * 4, y, degrees, scale: 1.05 - t * 0.36, fill: pick(fills, index) });
  }).join("");
  const sheath = place("sheath", { ...top, y: top.y + 16, degrees: 4, fill: "#a8413f" });
  const shapes =
    ovalLeaf("rubber", { length: 235, width: 138, belly: 0.5, veinCount: 6 }) +
    ovalLeaf("sheath", { length: 95, width: 26, belly: 0.35 });
  return drawPicture({ wall: "#f3e6cf", floor: "#e0c89c", pot, shapes, plant: trunk + sheath + leaves });
}

export function drawFiddleLeafFig(): string {
  const pot = drawPot({ colour: "#8b9a86", top: 108, bottom: 80, height: 176, detail: "collar" });
  const foot = { x: CENTRE, y: pot.mouth + 10 };
  const trunk = stem(curve(foot, { x: CENTRE + 22, y: 560 }, { x: CENTRE - 4, y: 250 }), "#77604a", 18);
  const random = createRandom(11);
  const fills: Fills = ["#4d8a3f", "#3f7a39", "#5b9a4a", "#36702f"];
  const leaves = Array.from({ length: 19 }, (_, index) => {
    const t = index / 18;
    const side = index % 2 === 0 ? 1 : -1;
    const degrees = side * (118 - t * 108) + between(random, -9, 9);
    const y = 500 - t * 270;
    return place("fiddle", {
      x: CENTRE + 8 - t * 8,
      y,
      degrees,
      scale: between(random, 0.82, 1.02),
      fill: pick(fills, index),
    });
  }).join("");
  const shapes = ovalLeaf("fiddle", { length: 215, width: 168, belly: 0.66, veinCount: 5 });
  return drawPicture({ wall: "#e3e8d4", floor: "#c7cfae", pot, shapes, plant: trunk + leaves });
}

export function drawPothos(): string {
  const pot = drawPot({ colour: "#d98c8c", top: 116, bottom: 94, height: 330, detail: "stripe", accent: "#fff3ea" });
  const random = createRandom(23);
  const fills: Fills = ["#6fa03f", "#89b54c", "#5a8f3c", "#a3c461"];
  const crown = [-74, 70, -50, 48, -26, 24, 0].map((degrees, index) => {
    const base = { x: CENTRE + degrees * 0.9, y: pot.mouth + 6 };
    const end = towards(base, degrees, between(random, 70, 135));
    const leaf = place("pothos", {
      ...end,
      degrees: degrees * 1.3,
      scale: between(random, 0.9, 1.1),
      fill: pick(fills, index),
    });
    return stem(curve(base, towards(base, degrees * 0.3, 60), end), "#7ea34d", 6) + leaf;
  });
  const vines = [
    vine({ x: CENTRE - 96, y: pot.mouth + 4 }, -1, 320),
    vine({ x: CENTRE + 98, y: pot.mouth + 4 }, 1, 250),
    vine({ x: CENTRE - 34, y: pot.mouth + 14 }, -0.35, 190),
  ].join("");
  return drawPicture({
    wall: "#f4e4de",
    floor: "#e3c5ba",
    pot,
    shapes: heartLeaf("pothos", 128, 118),
    plant: crown.join(""),
    over: vines,
  });

  function vine(from: Point, lean: number, length: number): string {
    const bend = { x: from.x + lean * 110, y: from.y - 46 };
    const end = { x: from.x + lean * 120, y: from.y + length };
    const line = stem(curve(from, bend, end), "#7ea34d", 6);
    const count = Math.round(length / 52);
    const leaves = Array.from({ length: count }, (_, index) => {
      const t = (index + 1.2) / (count + 0.2);
      const x = (1 - t) ** 2 * from.x + 2 * (1 - t) * t * bend.x + t * t * end.x;
      const y = (1 - t) ** 2 * from.y + 2 * (1 - t) * t * bend.y + t * t * end.y;
      const degrees = 180 + (index % 2 === 0 ? 38 : -38) - lean * 12;
      return place("pothos", { x, y, degrees, scale: between(random, 0.66, 0.86), fill: pick(fills, index) });
    });
    return line + leaves.join("");
  }
}
