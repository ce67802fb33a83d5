import { isCount, isText, listOf, parsed, shape } from "../../base/shape.ts";

/** A compressed piece of an image, as its registry holds it. */
export interface Layer {
  readonly digest: string;
  readonly bytes: number;
}

/** A registry's document of an image: of its layers, or of one such document for each platform. */
export type Manifest =
  | { readonly layers: readonly Layer[] }
  | { readonly platforms: ReadonlyArray<{ readonly digest: string; readonly architecture: string }> };

const described = { digest: isText, size: isCount };
const isImage = shape({ config: shape(described), layers: listOf(shape(described)) });
const isIndex = shape({
  manifests: listOf(shape({ digest: isText, platform: shape({ os: isText, architecture: isText }) })),
});

interface Described {
  readonly digest: string;
  readonly size: number;
}
type Listed = Pick<Described, "digest"> & { readonly platform: { readonly os: string; readonly architecture: string } };

/** Docker's and OCI's, which say the same here; undefined for anything else. */
export function parseManifest(text: string): Manifest | undefined {
  const image = parsed(text, isImage) as { layers: readonly Described[] } | undefined;
  if (image !== undefined) return { layers: image.layers.map(({ digest, size }) => ({ digest, bytes: size })) };
  const index = parsed(text, isIndex) as { manifests: readonly Listed[] } | undefined;
  if (index === undefined) return undefined;
  const linux = index.manifests.filter(({ platform }) => platform.os === "linux");
  return { platforms: linux.map(({ digest, platform }) => ({ digest, architecture: platform.architecture })) };
}

/**
 * Bytes on the disk for each byte of a layer: our images are 2.6 to 3.1 times as large unpacked, and what was downloaded
 * lies beside it, until it is unpacked or for good, as the engine's image store has it.
 */
const GROWS = 4;

/** What layers need on the disk; one that several images share, or that is here, is counted once or never. */
export function roomFor(layers: readonly Layer[], here: readonly Layer[] = []): number {
  const present = new Set(here.map(({ digest }) => digest));
  const wanted = new Map(layers.map(({ digest, bytes }) => [digest, bytes]));
  return [...wanted].reduce((sum, [digest, bytes]) => sum + (present.has(digest) ? 0 : bytes * GROWS), 0);
}
