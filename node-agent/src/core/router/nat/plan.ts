import type { RouterDocument } from "../router-document.ts";
import { HOME_ONLY, natConfig, type RouterState } from "./config.ts";
import {
  type Egress,
  findEgress,
  type Network,
  PROBE_ENTRY,
  planNetwork,
  planNetworkRemoval,
  TUNNEL_DEVICE,
} from "./network.ts";
import type { NatOperation } from "./operation.ts";
import { BEFORE_PATH, type Programs, persistedFiles, STATE_PATH } from "./persistence.ts";
import { type Family, ownTables, PROBE_DEVICE } from "./rules.ts";
import { planRules, planRulesRemoval, translates } from "./rules-plan.ts";
import { parseSaved } from "./saved.ts";
import { FORWARDING, planSysctls, type Sysctls, sysctlOperation, unmetSysctls, wantedSysctls } from "./sysctls.ts";

/** The machine as it is: everything the plan is made from. */
export interface NatObserved {
  /** Output of iptables-save; ipv6 is undefined on a machine without it. */
  readonly dumps: { readonly ipv4: string; readonly ipv6?: string };
  readonly sysctls: Sysctls;
  readonly network: Network;
  readonly memoryBytes: number;
  readonly programs: Programs;
  /** Content of the persisted files that exist, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** What `remove` gives back. */
export interface Before {
  readonly sysctls: Readonly<Record<string, string>>;
  /** Tables that existed, by family: the others are ours to delete. */
  readonly tables: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
}

export interface NatPlan {
  readonly operations: readonly NatOperation[];
  readonly egress: Egress;
  /** Said to people; nothing failed. */
  readonly notes: readonly string[];
}

/** What makes this machine the router its document describes; empty when it is that already. */
export function planNat(router: RouterDocument, state: RouterState, observed: NatObserved): NatPlan {
  const [home] = router.zones;
  const config = natConfig(router, state);
  const egress: Egress = home ? findEgress(home, observed.network) : { missing: "the document names no zone" };
  const device = "device" in egress ? egress.device : undefined;
  const wanted = wantedSysctls(config, observed.memoryBytes, device === undefined ? [] : [device]);
  const rules = familiesOf(observed).flatMap(({ family, dump }) =>
    planRules(family, ownTables(config, family), parseSaved(dump)),
  );
  const wish = {
    device: device ?? "",
    ...(config.peerAddress === undefined ? {} : { peerAddress: config.peerAddress }),
  };
  const network = home && device !== undefined ? planNetwork({ home, ...wish }, observed.network) : [];
  const sysctls = planSysctls(wanted, observed.sysctls);
  const operations = [
    ...closeFirst(config, observed),
    ...persist(router, observed),
    ...rules,
    ...network,
    ...sysctls,
    ...planProbeSysctls(observed, network),
    ...(device === undefined ? [] : open(config, observed)),
  ];
  return {
    operations: [...rememberBefore(operations, observed), ...operations],
    egress,
    notes: unmetSysctls(wanted, observed.sysctls),
  };
}

function familiesOf({ dumps }: NatObserved): Array<{ family: Family; dump: string }> {
  const ipv4 = { family: "ipv4" as const, dump: dumps.ipv4 };
  return dumps.ipv6 === undefined ? [ipv4] : [ipv4, { family: "ipv6", dump: dumps.ipv6 }];
}

type Config = ReturnType<typeof natConfig>;

const isForwarding = (observed: NatObserved): boolean => observed.sysctls.get(FORWARDING)?.value === "1";
const isTranslating = (config: Config, observed: NatObserved): boolean =>
  translates(ownTables(config, "ipv4"), parseSaved(observed.dumps.ipv4));

// A packet forwarded before the rules stand makes an entry that stays untranslated: shut, mend, open again.
function closeFirst(config: Config, observed: NatObserved): NatOperation[] {
  if (!isForwarding(observed) || isTranslating(config, observed)) return [];
  return [sysctlOperation(FORWARDING, "0", "the rules that translate do not stand")];
}

function open(config: Config, observed: NatObserved): NatOperation[] {
  const wasClosed = !isForwarding(observed);
  const wasOpen = !wasClosed && !isTranslating(config, observed);
  const sources = config.translations.flatMap((translation) => translation.sources);
  const why = "flows that began without translation would stay without it";
  return [
    ...(wasOpen ? [{ kind: "forget-untranslated" as const, sources, name: "forget untranslated flows", why }] : []),
    ...(wasOpen || wasClosed ? [sysctlOperation(FORWARDING, "1", "the rules stand")] : []),
  ];
}

// Answers come in by the probe's devices although their senders are reached by others.
function planProbeSysctls(observed: NatObserved, network: readonly NatOperation[]): NatOperation[] {
  const isNew = (device: string) => network.some(({ name }) => name.startsWith("ip link add") && name.includes(device));
  return PROBE_SYSCTLS.flatMap(({ device, name }) => {
    const found = observed.sysctls.get(name)?.value;
    const isMissing = isNew(device) || (found !== undefined && found !== "2");
    return isMissing ? [sysctlOperation(name, "2", "answers come from addresses that are reached another way")] : [];
  });
}

const PROBE_SYSCTLS = [PROBE_DEVICE, PROBE_ENTRY, TUNNEL_DEVICE].map((device) => ({
  device,
  name: `net.ipv4.conf.${device}.rp_filter`,
}));

function persist(router: RouterDocument, observed: NatObserved): NatOperation[] {
  return persistedFiles(router, observed.memoryBytes, observed.programs).flatMap(({ path, content }) => {
    const found = observed.files.get(path);
    if (found === content) return [];
    const why = found === undefined ? "a reboot needs it" : "the document changed";
    return [{ kind: "write" as const, path, content, mode: 0o644, name: `write ${path}`, why }];
  });
}

// Once, before the first change; a later run must not take our own values for the earlier ones.
function rememberBefore(operations: readonly NatOperation[], observed: NatObserved): NatOperation[] {
  const earlier = readBefore(observed);
  const changed = operations.flatMap((operation) =>
    operation.kind === "sysctl" && observed.sysctls.has(operation.sysctl) ? [operation.sysctl] : [],
  );
  const missing = [...new Set(changed)].filter((name) => earlier?.sysctls[name] === undefined);
  if (earlier && missing.length === 0) return [];
  if (operations.length === 0) return [];
  const found = Object.fromEntries(missing.map((name) => [name, observed.sysctls.get(name)?.value ?? ""]));
  const before: Before = {
    sysctls: { ...found, ...earlier?.sysctls },
    tables: earlier?.tables ?? { ipv4: tables(observed.dumps.ipv4), ipv6: tables(observed.dumps.ipv6 ?? "") },
  };
  const content = `${JSON.stringify(before, undefined, 2)}\n`;
  const why = "remove gives back what was there";
  return [{ kind: "write", path: BEFORE_PATH, content, mode: 0o600, name: `write ${BEFORE_PATH}`, why }];
}

const tables = (dump: string): string[] => [...parseSaved(dump).keys()];

export function readBefore({ files }: NatObserved): Before | undefined {
  const text = files.get(BEFORE_PATH);
  return text === undefined ? undefined : (JSON.parse(text) as Before);
}

/** Gives the machine back as it was before the first apply: forwarding first, rules last. */
export function planRemoval(router: RouterDocument, observed: NatObserved): readonly NatOperation[] {
  const before = readBefore(observed);
  const sysctls = Object.entries(before?.sysctls ?? {}).toSorted(
    ([a], [b]) => Number(b === FORWARDING) - Number(a === FORWARDING),
  );
  const created = (family: Family) =>
    familiesOf(observed)
      .flatMap((each) => (each.family === family ? tables(each.dump) : []))
      .filter((table) => before && !before.tables[family].includes(table));
  const paths = [
    ...persistedFiles(router, observed.memoryBytes, observed.programs).map(({ path }) => path),
    STATE_PATH,
    BEFORE_PATH,
  ];
  return [
    ...sysctls
      .filter(([name, value]) => observed.sysctls.get(name)?.value !== value)
      .map(([name, value]) => sysctlOperation(name, value, "its value before the router's rules")),
    ...familiesOf(observed).flatMap(({ family, dump }) => planRulesRemoval(family, parseSaved(dump), created(family))),
    ...planNetworkRemoval(observed.network),
    ...paths
      .filter((path) => observed.files.has(path))
      .map((path): NatOperation => ({ kind: "remove", path, name: `remove ${path}`, why: "the router's part goes" })),
  ];
}

/** Names of every sysctl a plan for this machine may read or set. */
export function sysctlNames(router: RouterDocument, network: Network): string[] {
  const [home] = router.zones;
  const egress: Egress = home ? findEgress(home, network) : { missing: "" };
  const wanted = wantedSysctls(natConfig(router, HOME_ONLY), 0, "device" in egress ? [egress.device] : []);
  return [FORWARDING, ...wanted.map(({ name }) => name), ...PROBE_SYSCTLS.map(({ name }) => name)];
}
