import { packerMissing, stockImage } from "./build-machine.ts";

/** One stock image for every file, before two of them begin beside each other. */
export function setup(): void {
  if (packerMissing() === undefined) stockImage();
}
