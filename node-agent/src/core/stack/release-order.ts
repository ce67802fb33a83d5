import * as z from "zod";
import "../config/read-once.ts";
import type { Release } from "./release.ts";

const schema = z.object({
  version: z.literal(1),
  environment: z.string(),
  /** When the newest document was issued. */
  newest: z.iso.datetime({ offset: true }),
  /** Whether a document named its environments yet. */
  isNamed: z.boolean(),
});
export type ReleaseMark = z.infer<typeof schema>;

/** Reads a mark; undefined when it is none of this version's, or of another environment. */
export function parseMark(text: string | undefined, environment: string): ReleaseMark | undefined {
  try {
    const { data } = schema.safeParse(JSON.parse(text ?? "null"));
    return data?.environment === environment ? data : undefined;
  } catch {
    return undefined;
  }
}

/** When a document was issued; one that does not say it, when its contents were made. */
export const issuedAt = ({ issued, created }: Pick<Release, "issued" | "created">): string => issued ?? created;

export interface Accepting {
  readonly environment: string;
  /** Undefined on a node that never accepted a release. */
  readonly mark: ReleaseMark | undefined;
  /** Ids of the release the node runs and of the one it ran before: the way back is always open. */
  readonly known: readonly string[];
}

/** By how much the clocks of who signs and of who runs may differ: more than a time zone taken for another one. */
const SKEW_MS = 86_400_000;

/** Whether a document was issued later than it is now: as the newest one ever it would lock every later one out. */
export const isOfTheFuture = (release: Pick<Release, "issued" | "created">, now: Date): boolean =>
  Date.parse(issuedAt(release)) - now.getTime() > SKEW_MS;

/** The mark after a release was accepted. */
export function markOf(release: Release, { environment, mark }: Omit<Accepting, "known">): ReleaseMark {
  const issued = issuedAt(release);
  const newest = mark !== undefined && isBefore(issued, mark.newest) ? mark.newest : issued;
  return { version: 1, environment, newest, isNamed: mark?.isNamed === true || release.environments !== undefined };
}

/** Why a node may not accept a document whose signature holds; undefined when it may. */
export function reasonToRefuse(release: Release, { environment, mark, known }: Accepting): string | undefined {
  const { id, environments } = release;
  if (environments !== undefined && !environments.includes(environment)) {
    const named = environments.length === 0 ? "none: it is a publication, not an order" : environments.join(", ");
    return `this node is of ${environment}, and the document names ${named}`;
  }
  if (mark === undefined || known.includes(id)) return undefined;
  if (environments === undefined && mark.isNamed)
    return "it names no environment, and this node has accepted documents that do";
  const issued = issuedAt(release);
  if (!isBefore(issued, mark.newest)) return undefined;
  return `it was issued at ${issued}, and this node has accepted one of ${mark.newest}: a downgrade or a replay`;
}

const isBefore = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);
