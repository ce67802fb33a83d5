/** One table as iptables-save tells it: chains in order, rules of each without the `-A CHAIN`. */
export interface SavedTable {
  readonly name: string;
  readonly policies: ReadonlyMap<string, string>;
  readonly rules: ReadonlyMap<string, readonly string[]>;
}

export type Saved = ReadonlyMap<string, SavedTable>;

/** Reads the output of iptables-save (both kernel backends); counters and comments are left out. */
export function parseSaved(text: string): Saved {
  const tables = new Map<string, { name: string; policies: Map<string, string>; rules: Map<string, string[]> }>();
  let table: { name: string; policies: Map<string, string>; rules: Map<string, string[]> } | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) {
      table = { name: line.slice(1), policies: new Map(), rules: new Map() };
      tables.set(table.name, table);
    } else if (table) readLine(table, line);
  }
  return tables;
}

function readLine(table: { policies: Map<string, string>; rules: Map<string, string[]> }, line: string): void {
  const chain = /^:(\S+) (\S+)/.exec(line);
  if (chain?.[1] !== undefined) {
    table.policies.set(chain[1], chain[2] ?? "-");
    table.rules.set(chain[1], []);
  }
  const rule = /^-A (\S+) ?(.*)$/.exec(line);
  if (rule?.[1] !== undefined) table.rules.get(rule[1])?.push((rule[2] ?? "").trimEnd());
}

/** True for a table that does nothing: built-in chains only, all empty and accepting. */
export function isIdle(table: SavedTable): boolean {
  const policies = [...table.policies.values()];
  return (
    policies.every((policy) => policy === "ACCEPT") && [...table.rules.values()].every((rules) => rules.length === 0)
  );
}
