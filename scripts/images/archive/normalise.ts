import { join } from "node:path";
import {
  type ImageArchive,
  type ImageConfig,
  layerStream,
  loadImage,
  withImageArchive,
  writeLayer,
} from "./image-archive.ts";
import { collect, endOfTar, readTar, writeEntry } from "./tar.ts";

/** Where images keep the record of their Debian packages. */
const RECORDS = /^usr\/share\/greenleaf\/packages\/.+\.jsonl$/;

export interface Normalised {
  readonly from: string;
  readonly tag: string;
  /** Seconds: when every file of the image's own layers, and the image itself, counts as made. */
  readonly epoch: number;
  /** diff_ids of the images below, taken over as they are, so that layers stay shared. */
  readonly parentLayers: ReadonlySet<string>;
}

export interface NormalisedImage {
  readonly id: string;
  /** The record of the Debian packages the image's own layers brought, one JSON object a line. */
  readonly packages: string;
}

/**
 * Loads the image again with what differs from build to build set to fixed values: times of files, owners' names,
 * dates and builder's notes in the configuration. Debian 12's engine knows no rewrite-timestamp.
 */
export function normaliseImage({ from, tag, epoch, parentLayers }: Normalised): Promise<NormalisedImage> {
  return withImageArchive(from, async ({ config, layers }, folder) => {
    const records: Buffer[] = [];
    const diffIds: string[] = [];
    const written: string[] = [];
    for (const [index, layer] of layers.entries()) {
      const before = config.rootfs.diff_ids[index] ?? "";
      const isParents = parentLayers.has(before);
      const path = isParents ? layer : join(folder, `normalised-${index}.tar`);
      written.push(path);
      diffIds.push(
        isParents ? before : await writeLayer(path, normaliseLayer(await layerStream(layer), epoch, records)),
      );
    }
    const archive: ImageArchive = { config: normaliseConfig(config, { epoch, diffIds }), layers: written };
    return { id: await loadImage(archive, tag, folder), packages: Buffer.concat(records).toString() };
  });
}

async function* normaliseLayer(source: AsyncIterable<Buffer>, epoch: number, found: Buffer[]): AsyncGenerator<Buffer> {
  for await (const entry of readTar(source)) {
    const records = new Map([...entry.records].filter(([key]) => !["mtime", "atime", "ctime"].includes(key)));
    // Older times are set too: a step taken from the builder's cache left the time of some earlier build.
    const change = { mtime: epoch, records };
    if (!RECORDS.test(entry.name)) {
      yield* writeEntry(entry, change);
      continue;
    }
    const content = await collect(entry.body());
    found.push(content);
    yield* writeEntry({ ...entry, body: () => once(content) }, change);
  }
  yield endOfTar();
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

interface Facts {
  epoch: number;
  diffIds: string[];
}

const NOTES = new Set(["ArgsEscaped", "Image", "Hostname", "Domainname"]);

/** What an image needs to run, with keys in one order; the engine's notes on the container that built it are left out. */
export function normaliseConfig(config: ImageConfig, { epoch, diffIds }: Facts): ImageConfig {
  const created = new Date(epoch * 1000).toISOString().replace(".000Z", "Z");
  const run = Object.entries({ ...config.config, Labels: sorted(config.config.Labels ?? {}) });
  const kept = run.filter(([key, value]) => !NOTES.has(key) && value !== null && value !== "");
  return {
    architecture: config.architecture,
    ...(config.variant ? { variant: config.variant } : {}),
    config: sorted(Object.fromEntries(kept)),
    created,
    history: (config.history ?? []).map((step) => sorted(Object.assign({}, step, { created }))),
    os: config.os,
    rootfs: { type: "layers", diff_ids: diffIds },
  };
}

function sorted<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}
