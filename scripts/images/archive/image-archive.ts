import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { $ } from "zx";
import { workFolder } from "../folders.ts";

/** The image configuration of the OCI image spec, as far as it is read or changed here. */
export interface ImageConfig {
  created?: string;
  config: {
    User?: string;
    Entrypoint?: readonly string[];
    Cmd?: readonly string[];
    Env?: readonly string[];
    Labels?: Record<string, string>;
    Healthcheck?: { Test: readonly string[] };
    [key: string]: unknown;
  };
  history?: { created?: string; created_by?: string; [key: string]: unknown }[];
  rootfs: { type: string; diff_ids: string[] };
  [key: string]: unknown;
}

export interface ImageArchive {
  readonly config: ImageConfig;
  /** Uncompressed tar files, lowest first, in the order of the configuration's diff_ids. */
  readonly layers: readonly string[];
}

/** Unpacks `docker save` of an image into a folder of its own, hands it over, and removes the folder. */
export async function withImageArchive<T>(image: string, use: (archive: ImageArchive, folder: string) => Promise<T>) {
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, "image-"));
  try {
    await $({ quiet: true })`docker save ${image} | tar -xf - -C ${folder}`;
    return await use(await readArchive(folder), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readArchive(folder: string): Promise<ImageArchive> {
  const [manifest] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as [
    { Config: string; Layers: string[] },
  ];
  return {
    config: JSON.parse(await readFile(join(folder, manifest.Config), "utf8")) as ImageConfig,
    layers: manifest.Layers.map((layer) => join(folder, layer)),
  };
}

/** The bytes of a layer's tar; engines with the containerd store save layers as they were pulled, compressed. */
export async function layerStream(path: string): Promise<Readable> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
  const raw = createReadStream(path, { highWaterMark: 1 << 20 });
  return isGzip ? raw.pipe(createGunzip()) : raw;
}

/** Writes a layer and gives its diff_id: the SHA-256 of the uncompressed tar. */
export async function writeLayer(path: string, content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(Readable.from(hashed()), createWriteStream(path));
  return `sha256:${hash.digest("hex")}`;
}

/** Loads an image into the engine under a tag. Gives its id: the SHA-256 of the configuration's bytes. */
export async function loadImage({ config, layers }: ImageArchive, tag: string, folder: string): Promise<string> {
  const bytes = JSON.stringify(config);
  const hex = createHash("sha256").update(bytes).digest("hex");
  const manifest = [{ Config: `${hex}.json`, RepoTags: [tag], Layers: layers.map((_, index) => `${index}.tar`) }];
  const out = join(folder, "load");
  await mkdir(out);
  await writeFile(join(out, `${hex}.json`), bytes);
  await writeFile(join(out, "manifest.json"), JSON.stringify(manifest));
  for (const [index, layer] of layers.entries()) await rename(layer, join(out, `${index}.tar`));
  await $({ quiet: true })`tar -cf - -C ${out} . | docker load`;
  return `sha256:${hex}`;
}
