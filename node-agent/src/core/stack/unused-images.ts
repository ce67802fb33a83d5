import type { ImageRecord } from "./image-record.ts";

/** An image as the engine lists it. */
export interface EngineImage {
  readonly id: string;
  /** As in `registry/name@sha256:...`; empty for one that was never pulled. */
  readonly references: readonly string[];
}

/**
 * References that may go to make room: of repositories that releases of this node came from, named by none that is kept,
 * and used by no container. What else lies on the machine is somebody's.
 */
export function unusedImages(
  images: readonly EngineImage[],
  { releases }: ImageRecord,
  inUse: ReadonlySet<string>,
): string[] {
  const kept = new Set(Object.values(releases).flat());
  const repositories = new Set([...kept].map(repositoryOf));
  return images
    .filter(({ id, references }) => !inUse.has(id) && !references.some((reference) => kept.has(reference)))
    .flatMap(({ references }) => references)
    .filter((reference) => repositories.has(repositoryOf(reference)));
}

const repositoryOf = (reference: string): string => reference.slice(0, Math.max(0, reference.indexOf("@")));
