import { join } from "node:path";

/** A picture of each plant (WebP, 800 x 1000), and of which drawing it is; `node scripts/draw-plants.ts` makes them. */
export const PICTURES = join(import.meta.dirname, "pictures");
