import { createHash } from "node:crypto";

/** What of a product, category or collection a customer reads; whoever rewrote it made it their own. */
export interface Worded {
  readonly title?: string | null;
  readonly name?: string | null;
  readonly description?: string | null;
}

/** Metadata of the shop may hold anything. */
export type Metadata = Readonly<Record<string, unknown>> | null | undefined;

/** On what the demo made: a digest of the words it gave it. */
const MADE = "greenleaf_demo";
/** On a plant of the demo: the address of the picture that the demo uploaded for it. */
const PICTURE = "greenleaf_demo_picture";
/** On the store: since when the demo is gone, so that no `up` brings it back. */
const REMOVED = "greenleaf_demo_removed";

export const markOf = (words: Worded, picture?: string): Readonly<Record<string, string>> => ({
  [MADE]: digestOf(words),
  ...(picture === undefined ? {} : pictureMark(picture)),
});

export const pictureMark = (url: string): Readonly<Record<string, string>> => ({ [PICTURE]: url });

export const removedMark = (since: Date): Readonly<Record<string, string>> => ({ [REMOVED]: since.toISOString() });

/** Made by the demo, and changed by somebody since or not; a name alone says nothing. */
export function originOf(thing: Worded & { readonly metadata?: Metadata }): "demo" | "changed" | "own" {
  const mark = textOf(thing.metadata?.[MADE]);
  if (mark === undefined) return "own";
  return mark === digestOf(thing) ? "demo" : "changed";
}

export const pictureOf = (metadata: Metadata): string | undefined => textOf(metadata?.[PICTURE]);

export const isRemoved = (store: { readonly metadata?: Metadata } | undefined): boolean =>
  textOf(store?.metadata?.[REMOVED]) !== undefined;

/** The admin empties a value instead of removing it. */
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function digestOf({ title, name, description }: Worded): string {
  const words = [title ?? name ?? "", description ?? ""];
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 16);
}
