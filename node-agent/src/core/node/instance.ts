/** What the instance identity document says; the rest of it is not used. */
export interface Instance {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly accountId: string;
  readonly region: string;
}

const FIELDS = {
  instanceId: "id",
  availabilityZone: "zone",
  instanceType: "type",
  accountId: "accountId",
  region: "region",
} as const;

/** Reads dynamic/instance-identity/document; undefined when it is cut short or not one. */
export function parseInstance(text: string): Instance | undefined {
  const found = parseObject(text);
  const entries = Object.entries(FIELDS).map(([from, to]) => [to, found?.[from]] as const);
  if (entries.some(([, value]) => typeof value !== "string" || value === "")) return undefined;
  return Object.fromEntries(entries) as unknown as Instance;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
