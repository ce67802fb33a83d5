import { isText, mapOf, parsed, shape } from "../../base/shape.ts";

/** Versions by full name; an empty one of what does not exist. */
export type Versions = Readonly<Record<string, string>>;

/** What the last boot fetched, for the daemon to see that it changed. Holds no value. */
export interface WatchedValues {
  readonly version: 1;
  readonly region: string;
  readonly parameters: Versions;
  readonly secrets: Versions;
}

/** Names with the versions they were found with. */
export const versionsOf = (names: readonly string[], found: (name: string) => string): Versions =>
  Object.fromEntries(names.map((name) => [name, found(name)]));
/** Names whose version is another one now. */
export const changedNames = (before: Versions, now: Versions): string[] =>
  Object.keys(before).filter((name) => now[name] !== undefined && now[name] !== before[name]);

const isWatched = shape({
  version: (value) => value === 1,
  region: isText,
  parameters: mapOf(isText),
  secrets: mapOf(isText),
});

export const parseWatched = (text: string | undefined): WatchedValues | undefined =>
  parsed(text ?? "", isWatched) as WatchedValues | undefined;
