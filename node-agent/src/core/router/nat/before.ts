import { PRIOR_STATE_COPY_PATH, PRIOR_STATE_PATH } from "../../../base/paths.ts";
import { type Check, isText, listOf, mapOf, optional, parsed, shape } from "../../../base/shape.ts";
import type { RouterDocument } from "../document.ts";
import type { Barrier } from "./barrier.ts";
import type { Network } from "./network.ts";
import type { NatOperation } from "./operation.ts";
import type { NatObserved } from "./plan.ts";
import { parseSaved } from "./saved.ts";

/** What `remove` gives back. */
export interface PriorState {
  readonly sysctls: Readonly<Record<string, string>>;
  /** Tables that existed, by family: the others are ours to delete. */
  readonly tables: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
  /** Interfaces that had the hook our filter hangs on. */
  readonly hooks?: readonly string[];
  /** The addresses the machine had, and what each interface was called. Versions up to 1 did not write them. */
  readonly addresses?: readonly string[];
  readonly macs?: Readonly<Record<string, string>>;
}

// What a damaged disk made of it must not be written to /proc/sys.
const isSysctls: Check = (value) =>
  mapOf((text) => isText(text) && /^\d+$/.test(String(text)))(value) &&
  Object.keys(value as object).every((name) => OWN_SYSCTL.test(name) && !name.includes(".."));
const OWN_SYSCTL = /^net\.(ipv4|netfilter)\.\S+$/;

const isPriorState = shape({
  sysctls: isSysctls,
  tables: shape({ ipv4: listOf(isText), ipv6: listOf(isText) }),
  hooks: optional(listOf(isText)),
  addresses: optional(listOf(isText)),
  macs: optional(mapOf(isText)),
});

const RECORDS = [PRIOR_STATE_PATH, PRIOR_STATE_COPY_PATH] as const;

export function readPriorState({ files }: Pick<NatObserved, "files">): PriorState | undefined {
  const found = RECORDS.map((path) => parsed(files.get(path) ?? "", isPriorState) as PriorState | undefined);
  return found.find((record) => record !== undefined);
}

/** There is a record, and no copy of it can be read. */
export const isPriorStateLost = (observed: Pick<NatObserved, "files">): boolean =>
  RECORDS.some((path) => observed.files.has(path)) && readPriorState(observed) === undefined;

/** Once, before the first change; a later run must not take our own values for the earlier ones. */
export function rememberBefore(operations: readonly NatOperation[], observed: NatObserved): NatOperation[] {
  const earlier = readPriorState(observed);
  const changed = operations.flatMap((operation) =>
    operation.kind === "sysctl" && observed.sysctls.has(operation.sysctl) ? [operation.sysctl] : [],
  );
  const missing = [...new Set(changed)].filter((name) => earlier?.sysctls[name] === undefined);
  if (earlier === undefined && operations.length === 0) return [];
  const found = Object.fromEntries(missing.map((name) => [name, observed.sysctls.get(name)?.value ?? ""]));
  const before: PriorState = { ...(earlier ?? newPriorState(observed)), sysctls: { ...found, ...earlier?.sysctls } };
  const content = `${JSON.stringify(before, undefined, 2)}\n`;
  const why = "remove gives back what was there";
  return RECORDS.filter((path) => observed.files.get(path) !== content).map((path) => {
    return { kind: "write", path, content, mode: 0o600, name: `write ${path}`, why };
  });
}

function newPriorState({ dumps, barriers, network: { links } }: NatObserved): PriorState {
  return {
    sysctls: {},
    tables: { ipv4: tables(dumps.ipv4), ipv6: tables(dumps.ipv6 ?? "") },
    hooks: [...(barriers ?? [])].flatMap(hookOf),
    addresses: links.flatMap(({ addresses }) => addresses),
    macs: Object.fromEntries(links.map(({ name, mac }) => [name, mac])),
  };
}

const hookOf = ([device, { hasHook }]: [string, Barrier]): string[] => (hasHook ? [device] : []);

export const tables = (dump: string): string[] => [...parseSaved(dump).keys()];

const OF_DEVICE = /^(net\.ipv4\.conf\.)(.+)(\.[a-z_]+)$/;

/** Earlier values by today's names: an interface may have been renamed since. */
export function sysctlsNow(before: PriorState | undefined, { links }: Network): Array<[string, string]> {
  return Object.entries(before?.sysctls ?? {}).map(([name, value]) => {
    const [, start, device = "", end] = OF_DEVICE.exec(name) ?? [];
    const mac = before?.macs?.[device];
    const isThere = links.some((link) => link.name === device);
    const renamed = isThere || mac === undefined ? undefined : links.find((link) => link.mac === mac);
    return [renamed === undefined ? name : `${start}${renamed.name}${end}`, value];
  });
}

/** The stand-by address, where the machine did not have it of its own. */
export function addedAddresses({ zones: [home] }: RouterDocument, before: PriorState | undefined): string[] {
  const standby = home?.standby === undefined ? undefined : `${home.standby}/32`;
  return standby === undefined || before?.addresses?.includes(standby) !== false ? [] : [standby];
}
