import { isDeepStrictEqual } from "node:util";

interface Shown {
  readonly resource_changes?: ReadonlyArray<{
    readonly address: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: object | null;
      readonly after: object | null;
    };
  }>;
}

/** What a plan would change: address and top attribute, one line each. */
export function changes(plan: unknown): ReadonlyArray<{ address: string; attribute: string }> {
  return ((plan as Shown).resource_changes ?? []).flatMap(({ address, change }) => {
    if (change.actions.includes("no-op")) return [];
    if (!change.before || !change.after) return [{ address, attribute: `(${change.actions.join(", ")})` }];
    const before = change.before as Record<string, unknown>;
    const after = change.after as Record<string, unknown>;
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys]
      .filter((key) => !isDeepStrictEqual(before[key], after[key]))
      .map((attribute) => ({ address, attribute }));
  });
}

/** `*` stands for any text. */
export function matches(pattern: string, address: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`).test(address);
}
