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
import { ovalLeaf, swordLeaf } from "./leaves.ts";
import { drawPicture } from "./picture.ts";
import { drawPot } from "./pots.ts";

type Fills = readonly [string, ...string[]];

export function drawSnakePlant(): string {
  const pot = drawPot({ colour: "#3d4a57", top: 112, bottom: 100, height: 196, detail: "stripe", accent: "#c9d3d6" });
  const fills: Fills = ["#4d7f57", "#5d9064", "#3f704b"];
  const blades = [-19, 20, -12, 13, -5, 6, -24, 25, 0].map((degrees, index) => {
    const scale = [0.86, 0.9, 1.04, 0.96, 1.12, 1.0, 0.6, 0.64, 0.78][index] ?? 1;
    const x = CENTRE + degrees * 3;
    return place("sansevieria", { x, y: pot.mouth + 22, degrees: degrees * 0.72, scale, fill: pick(fills, index) });
  });
  return drawPicture({ wall: "#dbe5ea", floor: "#b7c6cd", pot, shapes: bandedSword(), plant: blades.join("") });
}

/** A sword with a pale edge and the wavy cross bands. */
function bandedSword(): string {
  const bands = spread(13, 40, 470)
    .map((y, index) => {
      const w = 26 - Math.max(0, y - 330) * 0.085;
      const bow = index % 2 === 0 ? 12 : -10;
      return `M${n(-w)},${n(-y)}q${n(w / 2)},${bow} ${n(w)},0t${n(w)},0`;
    })
    .join("");
  const edge = swordLeaf("edge", 540, 84);
  const core = swordLeaf("core", 528, 66);
  const marks = `<path d="${bands}" fill="none" stroke="#1d3f2b" stroke-opacity=".45" stroke-width="7"/>`;
  return `${edge}${core}<g id="sansevieria"><use href="#edge" fill="#d9cf7c"/><use href="#core"/>${marks}</g>`;
}

export function drawAloe(): string {
  const pot = drawPot({ colour: "#c8a27c", top: 120, bottom: 84, height: 168, detail: "collar" });
  const fills: Fills = ["#6f9f86", "#82b096", "#5c8d75"];
  const degrees = [-78, 78, -60, 60, -43, 43, -70, 70, -27, 27, -50, 50, -12, 12, -32, 32, 0];
  const blades = degrees.map((at, index) => {
    const scale = 1.08 - Math.floor(index / 6) * 0.1 - Math.abs(at) * 0.0042;
    return place("aloe", { x: CENTRE + at * 0.55, y: pot.mouth + 16, degrees: at, scale, fill: pick(fills, index) });
  });
  return drawPicture({ wall: "#f0e6d8", floor: "#d8c2a4", pot, shapes: toothedSword(), plant: blades.join("") });
}

function toothedSword(): string {
  const teeth = spread(11, 30, 340)
    .map((y) => {
      const w = 31 * (1 - (y / 410) ** 1.7);
      return `M${n(w)},${n(-y)}l9,-9l-11,-4ZM${n(-w)},${n(-y)}l-9,-9l11,-4Z`;
    })
    .join("");
  const specks = spread(9, 40, 300)
    .map((y, index) => `<circle cx="${index % 2 === 0 ? -9 : 10}" cy="${n(-y)}" r="3.2"/>`)
    .join("");
  const blade =
    `<path d="M-30,0C-36,-130 -26,-280 0,-410C26,-280 36,-130 30,0Z"/>` +
    '<path d="M0,0V-410C26,-280 36,-130 30,0Z" fill="#0b2418" fill-opacity=".16"/>';
  return `<g id="aloe"><path d="${teeth}" fill="#e9dfb4"/>${blade}<g fill="#fff" fill-opacity=".45">${specks}</g></g>`;
}

export function drawPilea(): string {
  const pot = drawPot({ colour: "#f0ece2", top: 104, bottom: 92, height: 170, detail: "stripe", accent: "#c9714a" });
  const random = createRandom(5);
  const fills: Fills = ["#5aa05c", "#4a8f50", "#6db069", "#3f8047"];
  const foot = { x: CENTRE, y: pot.mouth + 8 };
  const crown = { x: CENTRE + 4, y: pot.mouth - 120 };
  const stalks = spread(26, -112, 112)
    .map((degrees, index) => ({ degrees, order: (index * 11) % 26, index }))
    .sort((a, b) => a.order - b.order)
    .map(({ degrees, index }) => {
      const from = { x: crown.x, y: crown.y + (index % 5) * 24 };
      const end = towards(from, degrees + between(random, -6, 6), between(random, 150, 330));
      const control = towards(from, degrees * 0.55, 120);
      const size = between(random, 0.72, 1.15);
      return (
        stem(curve(from, control, end), "#8a9c5d", 4.5) +
        place("coin", { ...end, degrees, scale: size, fill: pick(fills, index) })
      );
    });
  const trunk = stem(curve(foot, { x: CENTRE - 10, y: pot.mouth - 60 }, crown), "#7a6247", 13);
  const coin =
    '<g id="coin"><circle r="52"/><path d="M0,-52A52,52 0 0 1 0,52Z" fill="#0b2418" fill-opacity=".12"/>' +
    '<circle cy="-9" r="5" fill="#e4efc8"/><path d="M0,-9L0,44M0,-9L34,22M0,-9L-34,22M0,-9L-38,-24M0,-9L38,-24" stroke="#fff" stroke-opacity=".22" stroke-width="2.5"/></g>';
  return drawPicture({ wall: "#fbe7dc", floor: "#ecc9b5", pot, shapes: coin, plant: trunk + stalks.join("") });
}

export function drawBarrelCactus(): string {
  const pot = drawPot({ colour: "#b9573d", top: 150, bottom: 108, height: 176, detail: "feet" });
  const middle = { x: CENTRE, y: pot.mouth - 150 };
  const ribs = spread(11, -1, 1).map((t) => {
    const x = CENTRE + 196 * Math.sin((t * Math.PI) / 2);
    return curve(
      { x: CENTRE, y: middle.y - 184 },
      { x: CENTRE + (x - CENTRE) * 1.72, y: middle.y },
      { x: CENTRE, y: middle.y + 196 },
    );
  });
  const spines = spread(11, -1, 1).flatMap((t) =>
    spread(8, 0.12, 0.86).map((u) => {
      const control = { x: CENTRE + 196 * Math.sin((t * Math.PI) / 2) * 1.72, y: middle.y };
      const at = onCurve({ x: CENTRE, y: middle.y - 184 }, control, { x: CENTRE, y: middle.y + 196 }, u);
      return `<use href="#spines" x="${n(at.x)}" y="${n(at.y)}"/>`;
    }),
  );
  const body = `<ellipse cx="${CENTRE}" cy="${middle.y}" rx="190" ry="192" fill="#5f9a4d"/><ellipse cx="${CENTRE}" cy="${middle.y}" rx="190" ry="192" fill="url(#round)"/>`;
  const flowers = [-62, -20, 24, 64].map((x, index) =>
    place("flower", {
      x: CENTRE + x,
      y: middle.y - 172 + Math.abs(x) * 0.22,
      degrees: x * 0.4,
      scale: index % 2 === 0 ? 0.9 : 1.1,
      fill: "#f2b632",
    }),
  );
  const spine =
    '<path id="spines" d="M0,0L-13,-11M0,0L0,-17M0,0L13,-11M0,0L-10,10M0,0L10,10" fill="none" stroke="#f4e3a4" stroke-width="3" stroke-linecap="round"/>';
  const lines = `<path d="${ribs.join("")}" fill="none" stroke="#2e5f2c" stroke-opacity=".55" stroke-width="7"/>`;
  const flower = `<g id="flower">${[-50, -25, 0, 25, 50].map((turn) => `<ellipse cy="-20" rx="9" ry="24" transform="rotate(${turn})"/>`).join("")}<circle r="9" fill="#c4702a"/></g>`;
  return drawPicture({
    wall: "#f6e3c0",
    floor: "#e2bf85",
    pot,
    shapes: spine + flower,
    plant: body + lines + spines.join("") + flowers.join(""),
  });
}

export function drawZzPlant(): string {
  const pot = drawPot({ colour: "#2f3437", top: 122, bottom: 104, height: 180, detail: "collar" });
  const fills: Fills = ["#2f6b3d", "#3b7d49", "#245a31"];
  const wands = [-37, 35, -20, 21, -4].map((degrees, index) => {
    const from: Point = { x: CENTRE + degrees * 1.1, y: pot.mouth + 14 };
    const end = towards(from, degrees * 0.95, 510 - (index % 3) * 60);
    const control = towards(from, degrees * 0.2, 300);
    const leaves = spread(10, 0.3, 0.97).flatMap((t, step) => {
      const at = onCurve(from, control, end, t);
      const scale = 0.98 - Math.abs(t - 0.5) * 0.75;
      return [-1, 1].map((side) =>
        place("zz", { ...at, degrees: at.degrees + side * (58 - t * 22), scale, fill: pick(fills, step + index) }),
      );
    });
    const tip = place("zz", { ...end, degrees: onCurve(from, control, end, 1).degrees, scale: 0.8, fill: fills[0] });
    return stem(curve(from, control, end), "#4c7a46", 11) + tip + leaves.join("");
  });
  return drawPicture({
    wall: "#e2e4dc",
    floor: "#c3c7b8",
    pot,
    shapes: ovalLeaf("zz", { length: 92, width: 50, belly: 0.5 }),
    plant: wands.join(""),
  });
}
