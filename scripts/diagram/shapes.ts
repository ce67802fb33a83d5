export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const FILLS = { edge: "#f4e9d3", public: "#dcebf7", app: "#dff0e3", data: "#ece4f3" } as const;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const label = (x: number, y: number, text: string, size = 13): string =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="#1d2b24">${escape(text)}</text>`;

/** Something that runs. */
export function box({ x, y, width, height }: Box, text: string, kind: keyof typeof FILLS): string {
  const middle = `x="${x + width / 2}" y="${y + height / 2 + 5}" text-anchor="middle" font-size="14" fill="#1d2b24"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${FILLS[kind]}" stroke="#7a8c82"/><text ${middle}>${escape(text)}</text>`;
}

/** A zone or a subnet. */
export function region({ x, y, width, height }: Box, text: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="none" stroke="#a9b8af" stroke-dasharray="5 4"/><text x="${x + 8}" y="${y + 18}" font-size="12" fill="#5a6b61">${escape(text)}</text>`;
}

/** Who speaks to whom, and on which port. */
export function arrow(from: Point, to: Point, port: string): string {
  const at = { x: (from.x + to.x) / 2 + 5, y: (from.y + to.y) / 2 };
  return `<path d="M${from.x} ${from.y} ${to.x} ${to.y}" stroke="#44554b" fill="none" marker-end="url(#head)"/><text x="${at.x}" y="${at.y}" font-size="11" fill="#44554b">${escape(port)}</text>`;
}
