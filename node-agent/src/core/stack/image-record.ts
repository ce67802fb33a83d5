import { isText, listOf, mapOf, parsed, shape } from "../../base/shape.ts";

/** Images by release, of the releases a node keeps; what falls out of it is nobody's any more. */
export interface ImageRecord {
  readonly version: 1;
  /** References pinned by digest, by release. */
  readonly releases: Readonly<Record<string, readonly string[]>>;
}

const isRecord = shape({ version: (value) => value === 1, releases: mapOf(listOf(isText)) });

/** None, cut short or of another version: nothing is known of earlier releases. */
export function parseImageRecord(text: string | undefined): ImageRecord {
  const found = text === undefined ? undefined : (parsed(text, isRecord) as ImageRecord | undefined);
  return found ?? { version: 1, releases: {} };
}

export interface ImagesNow {
  readonly record: ImageRecord;
  /** Images that no kept release names. */
  readonly old: readonly string[];
}

/**
 * The record with a release added, and what may go: images of releases that are kept no more, by their very references.
 * Of a release that is kept and whose images are not known, some may be the same: then nothing goes.
 */
export function imagesNow(
  { releases }: ImageRecord,
  { id, images, kept }: { id: string; images: readonly string[]; kept: readonly string[] },
): ImagesNow {
  const all: Record<string, readonly string[]> = { ...releases, [id]: images };
  const unknown = kept.filter((other) => all[other] === undefined);
  if (unknown.length > 0) return { record: { version: 1, releases: all }, old: [] };
  const stays = (other: string): boolean => other === id || kept.includes(other);
  const staying = Object.entries(all).filter(([other]) => stays(other));
  const named = new Set(staying.flatMap(([, references]) => references));
  const gone = Object.entries(all).filter(([other]) => !stays(other));
  const old = [...new Set(gone.flatMap(([, references]) => references))].filter((image) => !named.has(image));
  return { record: { version: 1, releases: Object.fromEntries(staying) }, old };
}
