import { PRIOR_STATE_COPY_PATH, PRIOR_STATE_PATH, ROUTER_STATE_PATH } from "../../../base/paths.ts";
import type { RouterDocument } from "../document.ts";
import { type Barriers, hasBarriers, planBarrierRemoval, planBarriers } from "./barrier.ts";
import { addedAddresses, isPriorStateLost, readPriorState, rememberBefore, sysctlsNow, tables } from "./before.ts";
import { HOME_ONLY, natConfig, type RouterState } from "./config.ts";
import { LATE_TABLE, lateTable } from "./flows/late-flows.ts";
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
import { type Programs, persistedFiles } from "./persistence.ts";
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
  /** Undefined on a machine that cannot have one. */
  readonly barriers: Barriers | undefined;
  /** Chains of others that drop what is forwarded. */
  readonly blocking: readonly string[];
  /** Whether the table of late flows is there; undefined on a machine that cannot have it. */
  readonly hasLateTable: boolean | undefined;
  readonly memoryBytes: number;
  readonly programs: Programs;
  /** Content of the persisted files that exist, by path. */
  readonly files: ReadonlyMap<string, string>;
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
  const desired = {
    device: device ?? "",
    ...(config.peerAddress === undefined ? {} : { peerAddress: config.peerAddress }),
  };
  const network = home && device !== undefined ? planNetwork({ home, ...desired }, observed.network) : [];
  const sysctls = planSysctls(wanted, observed.sysctls);
  const isClosed = mustClose(router, config, observed);
  const operations = [
    ...(isClosed ? [sysctlOperation(FORWARDING, "0", "the rules that translate do not stand")] : []),
    ...planBarriers(router, observed),
    ...persist(router, observed),
    ...planLateTable(config, observed),
    ...rules,
    ...network,
    ...sysctls,
    ...planProbeSysctls(observed, network),
    ...(device === undefined ? [] : open(router, config, observed, isClosed)),
  ];
  return {
    operations: [...rememberBefore(operations, observed), ...operations],
    egress,
    notes: [...unmetSysctls(wanted, observed.sysctls), ...foreignNotes(observed)],
  };
}

const foreignNotes = ({ barriers, blocking, hasLateTable }: NatObserved): string[] => [
  ...(barriers === undefined ? [NO_BARRIER] : []),
  ...(hasLateTable === undefined ? [NO_LATE_TABLE] : []),
  ...blocking.map((chain) => `another firewall drops what is forwarded: ${chain} (nft list ruleset)`),
];
const NO_BARRIER =
  "nothing but the rules keeps untranslated packets in: tc is not installed, or the kernel has no cls_bpf";
const NO_LATE_TABLE =
  "a flow whose entry another program deletes is reset: nft is not installed (package nftables), or the kernel has no nf_tables";

function familiesOf({ dumps }: NatObserved): Array<{ family: Family; dump: string }> {
  const ipv4 = { family: "ipv4" as const, dump: dumps.ipv4 };
  return dumps.ipv6 === undefined ? [ipv4] : [ipv4, { family: "ipv6", dump: dumps.ipv6 }];
}

type Config = ReturnType<typeof natConfig>;

/** Ranges whose late packets are judged. */
export const judgedSources = ({ translations }: Config): readonly string[] =>
  translations.filter(({ name }) => name !== "probe").flatMap(({ sources }) => sources);

// Without it its marks are on no packet: late flows go on, which harms nobody, until it is back.
function planLateTable(config: Config, { hasLateTable }: NatObserved): NatOperation[] {
  if (!config.judgesLateFlows || hasLateTable !== false) return [];
  const text = lateTable(judgedSources(config));
  return [{ kind: "late-flows", text, name: `load table ${LATE_TABLE}`, why: "idle flows are told from lost ones" }];
}

const isForwarding = (observed: NatObserved): boolean => observed.sysctls.get(FORWARDING)?.value === "1";
const isTranslating = (config: Config, observed: NatObserved): boolean =>
  translates(ownTables(config, "ipv4"), parseSaved(observed.dumps.ipv4));

// A packet forwarded before the rules stand makes an entry that stays untranslated. Where no barrier stops it at the
// interface, the way is shut first; where one does, it stays open: others' changes would shut it again and again.
const mustClose = (router: RouterDocument, config: Config, observed: NatObserved): boolean =>
  isForwarding(observed) && !isTranslating(config, observed) && !hasBarriers(router, observed);

function open(router: RouterDocument, config: Config, observed: NatObserved, isClosed: boolean): NatOperation[] {
  const wasClosed = !isForwarding(observed);
  const wasOpen = !wasClosed && !isTranslating(config, observed);
  const sources = config.translations.flatMap((translation) => translation.sources);
  const why = "flows that began without translation would stay without it";
  return [
    ...(wasOpen ? [{ kind: "forget-untranslated" as const, sources, name: "forget untranslated flows", why }] : []),
    ...(isClosed || wasClosed ? [sysctlOperation(FORWARDING, "1", "the rules stand")] : []),
    // The global switch sets each interface's; another program may take one back (systemd-networkd's IPv4Forwarding).
    ...forwardingNames(observed.network, router)
      .filter((name) => !isClosed && !wasClosed && observed.sysctls.get(name)?.value === "0")
      .map((name) => sysctlOperation(name, "1", "packets come in by it to be forwarded")),
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

/** Gives the machine back as it was before the first apply: forwarding first, rules last. */
export function planRemoval(router: RouterDocument, observed: NatObserved): readonly NatOperation[] {
  const before = readPriorState(observed);
  const sysctls = sysctlsNow(before, observed.network).toSorted(
    ([a], [b]) => Number(b === FORWARDING) - Number(a === FORWARDING),
  );
  const created = (family: Family) =>
    familiesOf(observed)
      .flatMap((each) => (each.family === family ? tables(each.dump) : []))
      .filter((table) => before && !before.tables[family].includes(table));
  const paths = [
    ...persistedFiles(router, observed.memoryBytes, observed.programs).map(({ path }) => path),
    ROUTER_STATE_PATH,
    PRIOR_STATE_PATH,
    PRIOR_STATE_COPY_PATH,
  ];
  return [
    ...(isPriorStateLost(observed) && isForwarding(observed) ? [sysctlOperation(FORWARDING, "0", NOT_KNOWN)] : []),
    // What is not there any more went with its device.
    ...sysctls
      .filter(([name, value]) => observed.sysctls.has(name) && observed.sysctls.get(name)?.value !== value)
      .map(([name, value]) => sysctlOperation(name, value, "its value before the router's rules")),
    ...familiesOf(observed).flatMap(({ family, dump }) => planRulesRemoval(family, parseSaved(dump), created(family))),
    ...(observed.hasLateTable === true
      ? [{ kind: "late-flows-removal" as const, name: `delete table ${LATE_TABLE}`, why: "the router's part goes" }]
      : []),
    ...planBarrierRemoval(observed.barriers, before?.hooks ?? []),
    ...planNetworkRemoval(observed.network, addedAddresses(router, before)),
    ...paths
      .filter((path) => observed.files.has(path))
      .map((path): NatOperation => ({ kind: "remove", path, name: `remove ${path}`, why: "the router's part goes" })),
  ];
}

const NOT_KNOWN = "what was before is not known, and nothing translates any more";

/** Names of every sysctl a plan for this machine may read, set or give back. */
export function sysctlNames(
  router: RouterDocument,
  { network, files }: Pick<NatObserved, "network" | "files">,
): string[] {
  const [home] = router.zones;
  const egress: Egress = home ? findEgress(home, network) : { missing: "" };
  const wanted = wantedSysctls(natConfig(router, HOME_ONLY), 0, "device" in egress ? [egress.device] : []);
  return [
    FORWARDING,
    ...forwardingNames(network, router),
    ...wanted.map(({ name }) => name),
    ...PROBE_SYSCTLS.map(({ name }) => name),
    ...sysctlsNow(readPriorState({ files }), network).map(([name]) => name),
  ];
}

function forwardingNames(network: Network, { zones: [home] }: RouterDocument): string[] {
  const egress: Egress = home ? findEgress(home, network) : { missing: "" };
  const devices = ["device" in egress ? egress.device : undefined, PROBE_ENTRY, TUNNEL_DEVICE];
  return devices
    .filter((device) => network.links.some(({ name }) => name === device))
    .map((device) => `net.ipv4.conf.${device}.forwarding`);
}
