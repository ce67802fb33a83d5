import { CENTRE, n } from "./canvas.ts";

export interface Pot {
  /** The picture's part behind the plant: the far rim and the soil. */
  readonly back: string;
  /** The part in front of it. */
  readonly front: string;
  /** Where stems start. */
  readonly mouth: number;
}

interface PotShape {
  readonly colour: string;
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
  /** A foot, a collar, a stripe or nothing. */
  readonly detail?: "collar" | "stripe" | "feet" | "dip" | undefined;
  readonly accent?: string;
}

const FLOOR = 900;
const SOIL = "#4a372b";

/** A pot on the floor, `top` and `bottom` half as wide as it is there. */
export function drawPot({ colour, top, bottom, height, detail, accent = "#fffaf0" }: PotShape): Pot {
  const mouth = FLOOR - height;
  const rim = top * 0.16;
  const body = `M${n(CENTRE - top)},${mouth}C${n(CENTRE - top)},${n(mouth + height * 0.55)} ${n(CENTRE - bottom)},${n(FLOOR - 26)} ${n(CENTRE - bottom)},${FLOOR - 8}Q${CENTRE},${FLOOR + 14} ${n(CENTRE + bottom)},${FLOOR - 8}C${n(CENTRE + bottom)},${n(FLOOR - 26)} ${n(CENTRE + top)},${n(mouth + height * 0.55)} ${n(CENTRE + top)},${mouth}Z`;
  const ellipse = (rx: number, ry: number, fill: string) =>
    `<ellipse cx="${CENTRE}" cy="${mouth}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"/>`;
  const edge = `M${n(CENTRE - top)},${mouth}A${n(top)},${n(rim)} 0 0 0 ${n(CENTRE + top)},${mouth}`;
  const back = ellipse(top, rim, colour) + ellipse(top - 9, rim - 4, SOIL);
  const front =
    // The near rim hides the stems' feet; the soil stays visible behind it.
    `<path d="${body}" fill="${colour}" clip-path="url(#near)"/>` +
    detailOf({ colour, top, bottom, height, detail, accent }, mouth) +
    `<path d="${body}" fill="url(#round)" clip-path="url(#near)"/>` +
    `<path d="${edge}" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="5"/>`;
  const near = `<clipPath id="near"><path d="${edge}V${FLOOR + 30}H${n(CENTRE - top)}Z"/></clipPath>`;
  const inside = `<clipPath id="pot"><path d="${body}"/></clipPath>`;
  return { back: near + inside + back, front, mouth };
}

function detailOf(
  { top, height, detail, accent }: Required<Pick<PotShape, "accent">> & PotShape,
  mouth: number,
): string {
  const band = (from: number, to: number, fill: string) => {
    const y = mouth + height * from;
    const low = mouth + height * to;
    const bow = top * 0.15;
    return `<path d="M${CENTRE - top - 5},${n(y)}Q${CENTRE},${n(y + bow * 2)} ${CENTRE + top + 5},${n(y)}V${n(low)}Q${CENTRE},${n(low + bow * 2)} ${CENTRE - top - 5},${n(low)}Z" fill="${fill}" clip-path="url(#pot)"/>`;
  };
  if (detail === "stripe") return band(0.36, 0.44, accent) + band(0.5, 0.54, accent);
  if (detail === "dip") return band(0.52, 1.2, accent);
  if (detail === "collar") return band(0.2, 0.235, "#00000030");
  if (detail === "feet") return band(0.78, 0.8, "#00000028");
  return "";
}
