/** Pictures are drawn on 800 x 1000 units; the pot stands on y = 900 and its mouth is about y = 690. */
export const WIDTH = 800;
export const HEIGHT = 1000;
export const CENTRE = 400;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A number between 0 and 1, the next of a fixed sequence: equal seeds draw equal pictures. */
export type Random = () => number;

/** Mulberry32: small, and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** Numbers from `first` to `last`, both ends included. */
export function spread(count: number, first: number, last: number): number[] {
  return Array.from({ length: count }, (_, index) => first + ((last - first) * index) / Math.max(1, count - 1));
}

/** A coordinate as short as the eye allows. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The point `length` away from `from`; 0 degrees is up, 90 is right. */
export function towards(from: Point, degrees: number, length: number): Point {
  const radians = (degrees * Math.PI) / 180;
  return { x: from.x + Math.sin(radians) * length, y: from.y - Math.cos(radians) * length };
}

/** A point of the quadratic curve from `a` over `control` to `b`, and the direction there in degrees. */
export function onCurve(a: Point, control: Point, b: Point, t: number): Point & { degrees: number } {
  const mix = (p: number, q: number, r: number) => (1 - t) * (1 - t) * p + 2 * (1 - t) * t * q + t * t * r;
  const slope = (p: number, q: number, r: number) => 2 * (1 - t) * (q - p) + 2 * t * (r - q);
  const dx = slope(a.x, control.x, b.x);
  const dy = slope(a.y, control.y, b.y);
  const degrees = (Math.atan2(dx, -dy) * 180) / Math.PI;
  return { x: mix(a.x, control.x, b.x), y: mix(a.y, control.y, b.y), degrees };
}

export function curve(a: Point, control: Point, b: Point): string {
  return `M${n(a.x)},${n(a.y)} Q${n(control.x)},${n(control.y)} ${n(b.x)},${n(b.y)}`;
}

export function stem(path: string, colour: string, width: number): string {
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round"/>`;
}

interface Placed extends Point {
  readonly degrees: number;
  readonly scale?: number;
  /** Below 1 turns the leaf away from the eye. */
  readonly narrow?: number;
  readonly fill: string;
}

/** One copy of a shape from the picture's definitions. */
export function place(shape: string, { x, y, degrees, scale = 1, narrow = 1, fill }: Placed): string {
  const size = scale === 1 && narrow === 1 ? "" : ` scale(${factor(scale * narrow)},${factor(scale)})`;
  return `<use href="#${shape}" transform="translate(${n(x)},${n(y)}) rotate(${n(degrees)})${size}" fill="${fill}"/>`;
}

function factor(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** One of the colours, the same one for the same number. */
export function pick<T>(choices: readonly [T, ...T[]], index: number): T {
  return choices[((index % choices.length) + choices.length) % choices.length] ?? choices[0];
}
