import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type ImageConfig, layerStream, withImageArchive } from "./archive/image-archive.ts";
import { putFile } from "./archive/put-file.ts";
import { collect, readTar } from "./archive/tar.ts";
import { distFolder } from "./folders.ts";

export interface FileFacts {
  /** Without a leading slash. */
  readonly path: string;
  readonly type: "file" | "folder" | "link" | "other";
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly link: string;
  /** SHA-256 of the content, hexadecimal. */
  readonly digest: string;
}

export interface ImageFacts {
  readonly config: ImageConfig;
  /** One list a layer, lowest first; a file a later layer removed is still in its layer. */
  readonly layers: readonly { readonly diffId: string; readonly files: readonly FileFacts[] }[];
  /** Paths of files, in any layer, that hold one of the texts looked for. */
  readonly found: readonly { readonly path: string; readonly text: string }[];
}

const TYPES: Readonly<Record<string, FileFacts["type"]>> = { "0": "file", "1": "link", "2": "link", "5": "folder" };

/** What an image consists of, read from `docker save`; `search` looks for texts in the bytes of every layer's files. */
export function imageFacts(image: string, search: readonly string[] = []): Promise<ImageFacts> {
  return withImageArchive(image, async ({ config, layers }) => {
    const found: { path: string; text: string }[] = [];
    const read = [];
    for (const [index, layer] of layers.entries()) {
      const files: FileFacts[] = [];
      for await (const entry of readTar(await layerStream(layer))) {
        const { size, mode, uid, link } = entry;
        const path = entry.name.replace(/^\.?\//, "");
        const content = await collect(entry.body());
        const digest = createHash("sha256").update(content).digest("hex");
        files.push({ path, type: TYPES[entry.type] ?? "other", size, mode, uid, link, digest });
        found.push(...search.filter((text) => content.includes(text)).map((text) => ({ path, text })));
      }
      read.push({ diffId: config.rootfs.diff_ids[index] ?? "", files });
    }
    return { config, layers: read, found };
  });
}

export interface ImageSize {
  /** Bytes of the layers' tar files. */
  readonly unpacked: number;
  /** Bytes as a registry would send them: each layer through gzip at its default level. */
  readonly compressed: number;
}

interface LayerSize {
  readonly unpacked: number;
  readonly compressed: number;
}

const sizesFile = join(distFolder, "layer-sizes.json");

/** What an image weighs. A layer is measured once; its diff_id names its bytes for ever. */
export function imageSize(image: string): Promise<ImageSize> {
  return withImageArchive(image, async ({ config, layers }) => {
    const known = await knownSizes();
    let total = { unpacked: 0, compressed: 0 };
    for (const [index, layer] of layers.entries()) {
      const diffId = config.rootfs.diff_ids[index] ?? "";
      const size = (known[diffId] ??= await measure(layer));
      total = { unpacked: total.unpacked + size.unpacked, compressed: total.compressed + size.compressed };
    }
    await putFile(sizesFile, JSON.stringify(known, undefined, 1));
    return total;
  });
}

async function knownSizes(): Promise<Record<string, LayerSize>> {
  const text = await readFile(sizesFile, "utf8").catch(() => "{}");
  return JSON.parse(text) as Record<string, LayerSize>;
}

async function measure(layer: string): Promise<LayerSize> {
  const size = { unpacked: 0, compressed: 0 };
  await pipeline(
    await layerStream(layer),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        size.unpacked += chunk.length;
        yield chunk;
      }
    },
    createGzip({ level: 6 }),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) size.compressed += chunk.length;
    },
  );
  return size;
}
