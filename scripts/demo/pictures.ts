import { join } from "node:path";

/** A drawing of each plant (SVG, 800 x 1000), drawn once; a plant of your own gets one beside them. */
export const DRAWINGS = join(import.meta.dirname, "drawings");
/** The same as a shop takes them (WebP), and of which drawing each is; `node scripts/draw-plants.ts` makes them. */
export const PICTURES = join(import.meta.dirname, "pictures");
