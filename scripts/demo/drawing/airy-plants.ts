import {
  between,
  CENTRE,
  createRandom,
  curve,
  n,
  onCurve,
  type Point,
  pick,
  place,
  spread,
  stem,
  towards,
} from "./canvas.ts";
import { ovalLeaf } from "./leaves.ts";
import { drawPicture } from "./picture.ts";
import { drawPot } from "./pots.ts";

type Fills = readonly [string, ...string[]];

interface Frond {
  /** The part of the rib, from its foot, that carries no leaflets. */
  readonly bare: number;
  readonly from: Point;
  readonly control: Point;
  readonly end: Point;
  readonly leaflets: number;
  readonly shape: string;
  /** How far the leaflets stand off the rib, at its foot and at its end. */
  readonly open: readonly [number, number];
  readonly size: (t: number) => number;
  readonly fill: string;
  readonly rib: string;
}

function drawFrond({ bare, from, control, end, leaflets, shape, open, size, fill, rib }: Frond): string {
  const pairs = spread(leaflets, bare, 0.98).flatMap((t) => {
    const at = onCurve(from, control, end, t);
    const angle = open[0] + (open[1] - open[0]) * t;
    return [-1, 1].map((side) => place(shape, { ...at, degrees: at.degrees + side * angle, scale: size(t), fill }));
  });
  return stem(curve(from, control, end), rib, 5) + pairs.join("");
}

export function drawBostonFern(): string {
  const pot = drawPot({ colour: "#a9603f", top: 112, bottom: 80, height: 214, detail: "collar" });
  const random = createRandom(31);
  const fills: Fills = ["#5c9a3d", "#6fad49", "#4c8634", "#82bb58"];
  const turns = [-104, 102, -84, 86, -96, 94, -66, 66, -46, 48, -74, 72, -28, 28, -10, 12];
  const fronds = turns.map((degrees, index) => {
    const from = { x: CENTRE + degrees * 0.55, y: pot.mouth + 10 };
    const length = between(random, 300, 390) - Math.abs(degrees) * 0.25;
    return drawFrond({
      from,
      control: towards(from, degrees * 0.42, length * 0.85),
      end: towards(from, degrees, length),
      bare: 0.14,
      leaflets: 17,
      shape: "pinna",
      open: [78, 50],
      size: (t) => 1.15 * Math.sin(Math.PI * (0.2 + t * 0.74)) + 0.1,
      fill: pick(fills, index),
      rib: "#7a8f45",
    });
  });
  return drawPicture({
    wall: "#e8ecd8",
    floor: "#cdd5b0",
    pot,
    shapes: ovalLeaf("pinna", { length: 58, width: 21, belly: 0.35 }),
    plant: fronds.join(""),
  });
}

export function drawArecaPalm(): string {
  const pot = drawPot({ colour: "#d8cbb4", top: 116, bottom: 100, height: 172, detail: "dip", accent: "#b8a384" });
  const fills: Fills = ["#4f9150", "#3f7f46", "#63a35b", "#357040"];
  const turns = [-58, 56, -40, 41, -22, 24, -6, 8];
  const fronds = turns.map((degrees, index) => {
    const from = { x: CENTRE + degrees * 0.6, y: pot.mouth + 12 };
    const length = 560 - Math.abs(degrees) * 1.6;
    return drawFrond({
      from,
      control: towards(from, degrees * 0.16, length * 0.78),
      end: towards(from, degrees, length),
      bare: 0.4,
      leaflets: 12,
      shape: "ribbon",
      open: [40, 26],
      size: (t) => 1.05 * Math.sin(Math.PI * (0.2 + t * 0.62)),
      fill: pick(fills, index),
      rib: "#a9a85a",
    });
  });
  return drawPicture({
    wall: "#dfeae4",
    floor: "#bdd0c4",
    pot,
    shapes: ovalLeaf("ribbon", { length: 165, width: 24, belly: 0.35 }),
    plant: fronds.join(""),
  });
}

export function drawOliveTree(): string {
  const pot = drawPot({ colour: "#b88a64", top: 112, bottom: 88, height: 186, detail: "feet" });
  const random = createRandom(47);
  const fills: Fills = ["#7f9676", "#94a98a", "#6b8465", "#a8b99c"];
  const foot = { x: CENTRE, y: pot.mouth + 10 };
  const fork = { x: CENTRE + 6, y: 470 };
  const trunk = stem(curve(foot, { x: CENTRE - 26, y: 600 }, fork), "#8c7a66", 22);
  const twigs = [-88, 86, -62, 60, -40, 42, -74, 73, -18, 20, 0, -52, 50, -30, 30].map((degrees, index) => {
    const length = between(random, 190, 290);
    const end = towards(fork, degrees, length);
    const control = towards(fork, degrees * 0.62, length * 0.55);
    const leaves = spread(9, 0.26, 0.99).flatMap((t, step) => {
      const at = onCurve(fork, control, end, t);
      return [-1, 1].map((side) =>
        place("olive", {
          ...at,
          degrees: at.degrees + side * between(random, 28, 70),
          scale: between(random, 0.75, 1.1),
          fill: pick(fills, step + index),
        }),
      );
    });
    const fruit =
      index % 3 === 0 ? `<ellipse cx="${n(end.x - 6)}" cy="${n(end.y + 22)}" rx="9" ry="12" fill="#4b3b52"/>` : "";
    return stem(curve(fork, control, end), "#8c7a66", 5) + leaves.join("") + fruit;
  });
  return drawPicture({
    wall: "#eee9df",
    floor: "#d5cab6",
    pot,
    shapes: ovalLeaf("olive", { length: 64, width: 20, belly: 0.5 }),
    plant: trunk + twigs.join(""),
  });
}

export function drawLavender(): string {
  const pot = drawPot({ colour: "#eae4da", top: 108, bottom: 82, height: 180, detail: "stripe", accent: "#8a78b0" });
  const random = createRandom(59);
  const greens: Fills = ["#7f9a7c", "#6d8a6b", "#93ab8e"];
  const purples: Fills = ["#7d67b5", "#8f7ac4", "#6a55a3"];
  const tufts = spread(44, -62, 62).map((degrees, index) => {
    const base = { x: CENTRE + degrees * 1.2, y: pot.mouth + 10 };
    return place("needle", {
      ...base,
      degrees: degrees + between(random, -12, 12),
      scale: between(random, 0.7, 1.3),
      fill: pick(greens, index),
    });
  });
  const spikes = spread(25, -46, 46)
    .map((degrees, index) => ({ degrees, index, order: (index * 7) % 25 }))
    .sort((a, b) => a.order - b.order)
    .map(({ degrees, index }) => {
      const from = { x: CENTRE + degrees * 1.4, y: pot.mouth + 10 };
      const end = towards(from, degrees * 0.9, between(random, 330, 480));
      const line = stem(curve(from, towards(from, degrees * 0.4, 200), end), "#8aa080", 4);
      return (
        line +
        place("spike", {
          ...end,
          degrees: degrees * 1.05,
          scale: between(random, 0.85, 1.15),
          fill: pick(purples, index),
        })
      );
    });
  const florets = spread(8, 8, -118)
    .map((y, row) =>
      [-1, 0, 1]
        .map(
          (side) =>
            `<ellipse cx="${side * (13 - row)}" cy="${n(y)}" rx="8" ry="11" transform="rotate(${side * 24} ${side * 12} ${n(y)})"/>`,
        )
        .join(""),
    )
    .join("");
  const shapes = `${ovalLeaf("needle", { length: 150, width: 17, belly: 0.4 })}<g id="spike">${florets}<ellipse cy="-128" rx="6" ry="10"/></g>`;
  return drawPicture({ wall: "#e9e4f1", floor: "#cbc1dd", pot, shapes, plant: spikes.join("") + tufts.join("") });
}

const PEARL =
  '<g id="pearl"><circle r="14"/><path d="M-3,-13.700A14,14 0 0 1 -3,13.700A30,30 0 0 0 -3,-13.700Z" fill="#0b2418" fill-opacity=".2"/><circle cx="-5" cy="-5" r="3.500" fill="#fff" fill-opacity=".45"/></g>';

export function drawStringOfPearls(): string {
  const pot = drawPot({ colour: "#4f7f86", top: 130, bottom: 96, height: 470, detail: "collar" });
  const random = createRandom(71);
  const fills: Fills = ["#8dbb5a", "#7aab4c", "#a2cb70", "#6a9a43"];
  const strings = spread(19, -1, 1)
    .map((t, index) => ({ t, index, order: (index * 8) % 19 }))
    .sort((a, b) => a.order - b.order)
    .map(({ t, index }) => {
      const x = CENTRE + t * 134;
      const y = pot.mouth + 20 * Math.sqrt(Math.max(0, 1 - t * t));
      const out = x + t * 34 + between(random, -6, 6);
      const length = between(random, 170, 400) - Math.abs(t) * 30;
      const line = `M${n(x)},${n(y)}C${n(x + t * 30)},${n(y - 12)} ${n(out)},${n(y + 30)} ${n(out)},${n(y + length)}`;
      const pearls = spread(Math.round(length / 25), 0.06, 1).map((u, step) => {
        const along = y + 8 + u * (length - 8);
        const bend = x + (out - x) * Math.min(1, u * 3);
        return place("pearl", {
          x: bend + (step % 2 === 0 ? 9 : -9),
          y: along,
          degrees: step * 47,
          scale: between(random, 0.8, 1.12),
          fill: pick(fills, step + index),
        });
      });
      return stem(line, "#7d9a54", 2.5) + pearls.join("");
    });
  const mound = spread(30, -1, 1).map((t, index) =>
    place("pearl", {
      x: CENTRE + t * 118,
      y: pot.mouth - 10 - between(random, 0, 46) * (1 - t * t),
      degrees: 0,
      scale: between(random, 0.9, 1.25),
      fill: pick(fills, index),
    }),
  );
  return drawPicture({
    wall: "#dce9ea",
    floor: "#b5cccf",
    pot,
    shapes: PEARL,
    plant: mound.join(""),
    over: strings.join(""),
  });
}
