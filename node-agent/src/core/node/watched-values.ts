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
