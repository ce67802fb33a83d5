import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { layerStream } from "../../images/archive/image-archive.ts";

/** Writes a layer's tar with gzip: no name, no time, one level, so that equal layers give equal bytes. */
export async function compressLayer(layer: string, target: string): Promise<void> {
  await pipeline(await layerStream(layer), createGzip({ level: 6 }), createWriteStream(target));
}
