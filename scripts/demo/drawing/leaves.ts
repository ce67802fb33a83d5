import { n } from "./canvas.ts";

/** A leaf points up from (0,0); its fill comes from where it is used, so one shape serves every shade. */
interface LeafShape {
  readonly id: string;
  /** The outline's right half, from the stalk to the tip. */
  readonly right: string;
  readonly left: string;
  readonly length: number;
  readonly veins?: string;
}

const SHADE = 'fill="#0b2418" fill-opacity=".17"';
const RIB = 'fill="none" stroke="#fff" stroke-opacity=".3" stroke-linecap="round"';

function leaf({ id, right, left, length, veins = "" }: LeafShape): string {
  const rib = `<path d="M0,0V${n(-length * 0.93)}" stroke-width="${n(Math.max(1.5, length / 60))}" ${RIB}/>`;
  const extra = veins === "" ? "" : `<path d="${veins}" stroke-width="${n(Math.max(1.2, length / 95))}" ${RIB}/>`;
  return `<g id="${id}"><path d="M0,0${right}${left}Z"/><path d="M0,0${right}Z" ${SHADE}/>${rib}${extra}</g>`;
}

interface Oval {
  readonly length: number;
  readonly width: number;
  /** Where it is widest: 0 at the stalk, 1 at the tip. */
  readonly belly: number;
  readonly veinCount?: number;
}

export function ovalLeaf(id: string, { length, width, belly, veinCount = 0 }: Oval): string {
  const low = n(-length * belly * 0.35);
  const high = n(-length * (belly + (1 - belly) * 0.55));
  const out = n(width * 0.66);
  const tip = n(-length);
  const right = `C${out},${low} ${out},${high} 0,${tip}`;
  const left = `C-${out},${high} -${out},${low} 0,0`;
  const veins = Array.from({ length: veinCount }, (_, index) => {
    const y = -length * (0.16 + (0.62 * index) / Math.max(1, veinCount - 1));
    const reach = width * 0.4 * Math.sin(Math.PI * Math.min(0.95, -y / length + 0.12));
    const side = (sign: number) =>
      `M0,${n(y)}Q${n(sign * reach * 0.5)},${n(y - 6)} ${n(sign * reach)},${n(y - reach * 0.7)}`;
    return side(1) + side(-1);
  }).join("");
  return leaf({ id, right, left, length, veins });
}

export function heartLeaf(id: string, length: number, width: number): string {
  const w = width / 2;
  const half = (sign: number) => ({
    out: `C${n(sign * w * 0.35)},${n(length * 0.2)} ${n(sign * w * 1.25)},${n(length * 0.1)} ${n(sign * w)},${n(-length * 0.28)}`,
    up: `C${n(sign * w * 0.85)},${n(-length * 0.6)} ${n(sign * w * 0.25)},${n(-length * 0.78)} 0,${n(-length)}`,
  });
  const down =
    `C${n(-w * 0.25)},${n(-length * 0.78)} ${n(-w * 0.85)},${n(-length * 0.6)} ${n(-w)},${n(-length * 0.28)}` +
    `C${n(-w * 1.25)},${n(length * 0.1)} ${n(-w * 0.35)},${n(length * 0.2)} 0,0`;
  const { out, up } = half(1);
  return leaf({ id, right: out + up, left: down, length });
}

/** A big heart, cut between its ribs as a grown Monstera's leaves are. */
export function splitLeaf(id: string, size: number): string {
  const side = (sign: number) => splitSide(size).map(({ x, y }) => `${n(sign * x)},${n(y)}`);
  const right = `L${side(1).join(" ")} 0,${n(-size)}`;
  const left = `L${side(-1).toReversed().join(" ")} 0,0`;
  const veins = [0.08, 0.26, 0.44, 0.62]
    .map((t) => {
      const y = -size * t;
      const reach = size * 0.4 * (1 - t * 0.55);
      const rib = (sign: number) =>
        `M0,${n(y)}Q${n(sign * reach * 0.6)},${n(y - 6)} ${n(sign * reach)},${n(y - size * 0.07)}`;
      return rib(1) + rib(-1);
    })
    .join("");
  return leaf({ id, right, left, length: size, veins });
}

/** The outline of one half, by angle around the leaf's heart: 0 at the stalk, 180 at the tip. */
function splitSide(size: number): { x: number; y: number }[] {
  const cuts = [52, 80, 107, 133];
  const heart = -size * 0.42;
  return Array.from({ length: 56 }, (_, index) => {
    const degrees = 12 + (index * 160) / 55;
    const radians = (degrees * Math.PI) / 180;
    const whole = size * (0.5 + 0.1 * Math.cos(radians * 2) - 0.06 * Math.cos(radians));
    const cut = Math.max(0, ...cuts.map((at) => 1 - Math.abs(degrees - at) / 6));
    const radius = whole * (1 - 0.56 * cut ** 0.7);
    return { x: Math.sin(radians) * radius, y: heart + Math.cos(radians) * radius };
  });
}

/** A sword: nearly parallel sides, a pointed end. */
export function swordLeaf(id: string, length: number, width: number): string {
  const w = width / 2;
  const right =
    `C${n(w * 1.2)},${n(-length * 0.25)} ${n(w * 1.15)},${n(-length * 0.6)} ${n(w * 0.75)},${n(-length * 0.82)}` +
    `Q${n(w * 0.4)},${n(-length * 0.93)} 0,${n(-length)}`;
  const left =
    `Q${n(-w * 0.4)},${n(-length * 0.93)} ${n(-w * 0.75)},${n(-length * 0.82)}` +
    `C${n(-w * 1.15)},${n(-length * 0.6)} ${n(-w * 1.2)},${n(-length * 0.25)} 0,0`;
  return leaf({ id, right, left, length });
}
