import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { withImageArchive } from "../../images/archive/image-archive.ts";
import { distFolder } from "../../images/folders.ts";
import { compressLayer } from "./compress-layer.ts";

export interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly bytes: () => Promise<Buffer>;
}

/** An image as a registry keeps it: manifest, configuration and compressed layers. */
export interface OciImage {
  readonly manifest: Buffer;
  /** What a release names the image by. */
  readonly digest: string;
  readonly blobs: readonly Blob[];
}

/** Compressed layers of earlier releases: most images change in their last layer only. */
const CACHE = join(distFolder, "layers");
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/**
 * Takes an image out of the engine. The same image gives the same bytes, whatever engine it comes from: compression is
 * done here, by the Node that is pinned.
 */
export function ociImage(image: string): Promise<OciImage> {
  return withImageArchive(image, async ({ config, layers }, folder) => {
    await mkdir(CACHE, { recursive: true });
    const compressed: Blob[] = [];
    for (const [index, layer] of layers.entries()) {
      compressed.push(await layerBlob(layer, config.rootfs.diff_ids[index] ?? ""));
    }
    return assembled(await rawConfig(folder), compressed);
  });
}

function assembled(config: Buffer, layers: readonly Blob[]): OciImage {
  const configBlob = { digest: digestOf(config), size: config.length, bytes: async () => config };
  const described = (mediaType: string, { digest, size }: Blob) => ({ mediaType, digest, size });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: described(CONFIG, configBlob),
      layers: layers.map((layer) => described(LAYER, layer)),
    }),
  );
  return { manifest, digest: digestOf(manifest), blobs: [configBlob, ...layers] };
}

// The bytes as the engine holds them: an image's id is their hash.
async function rawConfig(folder: string): Promise<Buffer> {
  const [image] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as [{ Config: string }];
  return readFile(join(folder, image.Config));
}

async function layerBlob(layer: string, diffId: string): Promise<Blob> {
  const path = join(CACHE, `${diffId.replace("sha256:", "")}.tar.gz`);
  if (!existsSync(path)) {
    await compressLayer(layer, `${path}.new`);
    await rename(`${path}.new`, path);
  }
  const content = await readFile(path);
  return { digest: digestOf(content), size: content.length, bytes: () => readFile(path) };
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
