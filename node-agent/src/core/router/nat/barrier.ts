import type { RouterDocument, RouterZone } from "../document.ts";
import { firstOf, ipv4Number } from "../ipv4.ts";
import { addressOf } from "./config.ts";
import { findEgress, type Link, type Network } from "./network.ts";
import type { NatOperation } from "./operation.ts";

/** What stands on a device's way out, as `tc filter show` tells it. */
export interface Barrier {
  /** The program of our filter; undefined where there is none. */
  readonly program?: string | undefined;
  /** Whether the device has the hook that filters hang on, and whether another filter hangs there too. */
  readonly hasHook: boolean;
  readonly hasForeign: boolean;
}

/** By device; undefined on a machine that cannot have one. */
export type Barriers = ReadonlyMap<string, Barrier>;

interface Looked {
  readonly network: Network;
  readonly barriers: Barriers | undefined;
}

/** The last word on what leaves: it outlives every table of rules, and this agent. */
export function planBarriers(router: RouterDocument, { network, barriers }: Looked): NatOperation[] {
  const [home] = router.zones;
  if (home === undefined || barriers === undefined) return [];
  const ranges = [...new Set([...router.vpc, ...router.zones.flatMap(({ sources }) => sources)])];
  const program = barrierProgram({ ...ownAddresses(home, network.links), ranges });
  return devicesOf(home, network)
    .filter((device) => barriers.get(device)?.program !== program)
    .map((device) => {
      const why = barriers.get(device)?.program === undefined ? "nothing stands there" : "the addresses changed";
      return { kind: "barrier", device, program, name: `barrier on ${device} against untranslated packets`, why };
    });
}

/** True while nothing untranslated can leave, whatever the rules say. */
export function hasBarriers(router: RouterDocument, looked: Looked): boolean {
  const [home] = router.zones;
  if (home === undefined || looked.barriers === undefined) return false;
  return devicesOf(home, looked.network).length > 0 && planBarriers(router, looked).length === 0;
}

// Every interface a packet could leave by: the fixed one, and that of the main table's default route.
function devicesOf(home: RouterZone, network: Network): string[] {
  const egress = findEgress(home, network);
  const devices = ["device" in egress ? egress.device : undefined, network.defaults.main?.device];
  const there = devices.filter((device) => device !== undefined);
  return [...new Set(there)].filter((device) => network.links.some(({ name }) => name === device));
}

export function planBarrierRemoval(found: Barriers | undefined, hooksBefore: readonly string[]): NatOperation[] {
  return [...(found ?? [])]
    .filter(([, { program }]) => program !== undefined)
    .map(([device, { hasForeign }]) => ({
      kind: "barrier-removal",
      device,
      withHook: !hasForeign && !hooksBefore.includes(device),
      name: `remove the barrier on ${device}`,
      why: "the router's part goes",
    }));
}

function ownAddresses({ address, standby }: RouterZone, links: readonly Link[]) {
  const real = links.filter(({ name }) => name !== "lo" && !name.startsWith("gl-"));
  const named = [...(address === undefined ? [] : [addressOf(address)]), ...(standby === undefined ? [] : [standby])];
  const unique = (all: readonly string[]) => [...new Set(all)].toSorted();
  return {
    own: unique([...named, ...real.flatMap(({ addresses }) => addresses.map(addressOf))]),
    // Link-local ones, which come with every link, pass anyway.
    ownIpv6: unique(real.flatMap(({ ipv6 = [] }) => ipv6.map(addressOf)).filter((each) => !each.startsWith("fe80:"))),
  };
}

export interface Allowed {
  readonly own: readonly string[];
  readonly ownIpv6: readonly string[];
  readonly ranges: readonly string[];
}

/**
 * Classic BPF as `tc` reads and prints it: the count, then `code jt jf k` of each instruction. A jump reaches 255
 * instructions, so each test is followed by its own verdict.
 */
export function barrierProgram({ own, ownIpv6, ranges }: Allowed): string {
  const ipv4 = [
    load(IPV4_SOURCE),
    // 0.0.0.0 asks for an address; the kernel forwards no such packet.
    ...["0.0.0.0", ...own].flatMap((address) => verdictIf(ipv4Number(address), PASS)),
    ...ranges.flatMap((range) => [load(IPV4_SOURCE), ...inRange(range, DROP)]),
    // Answers on their way to clients.
    ...ranges.flatMap((range) => [load(IPV4_TARGET), ...inRange(range, PASS)]),
    verdict(DROP),
  ];
  const ipv6 = [
    load(IPV6_SOURCE),
    and(0xff_c0_00_00),
    ...verdictIf(0xfe_80_00_00, PASS),
    ...["::", ...ownIpv6].flatMap((address) => isIpv6(address)),
    verdict(DROP),
  ];
  const program = [load(PROTOCOL), ...block(0x08_00, ipv4), ...block(0x86_dd, ipv6), verdict(PASS)];
  return [program.length, ...program.map((instruction) => instruction.join(" "))].join(",");
}

type Instruction = readonly [code: number, jt: number, jf: number, k: number];

// linux/filter.h: what a packet is, and its network header whatever the link, at negative offsets.
const PROTOCOL = 0xff_ff_f0_00;
const NETWORK = 0xff_f0_00_00;
const IPV4_SOURCE = NETWORK + 12;
const IPV4_TARGET = NETWORK + 16;
const IPV6_SOURCE = NETWORK + 8;
// linux/pkt_cls.h: TC_ACT_UNSPEC leaves the packet to later filters, TC_ACT_SHOT drops it.
const PASS = 0xff_ff_ff_ff;
const DROP = 2;

const load = (at: number): Instruction => [0x20, 0, 0, at];
const and = (mask: number): Instruction => [0x54, 0, 0, mask];
const verdict = (value: number): Instruction => [0x06, 0, 0, value];
const unlessSkip = (value: number, count: number): Instruction => [0x15, 0, count, value];
const verdictIf = (value: number, result: number): Instruction[] => [unlessSkip(value, 1), verdict(result)];

// What the accumulator holds stays in it for the next block.
function block(protocol: number, body: readonly Instruction[]): Instruction[] {
  return [[0x15, 1, 0, protocol], [0x05, 0, 0, body.length], ...body];
}

function inRange(range: string, result: number): Instruction[] {
  return [and(maskOf(range)), ...verdictIf(firstOf(range), result)];
}

function maskOf(range: string): number {
  const length = Number(range.split("/")[1]);
  return length === 0 ? 0 : (0xff_ff_ff_ff << (32 - length)) >>> 0;
}

function isIpv6(address: string): Instruction[] {
  const [a = 0, b = 0, c = 0, d = 0] = wordsOf(address);
  return [
    load(IPV6_SOURCE),
    unlessSkip(a, 7),
    load(IPV6_SOURCE + 4),
    unlessSkip(b, 5),
    load(IPV6_SOURCE + 8),
    unlessSkip(c, 3),
    load(IPV6_SOURCE + 12),
    unlessSkip(d, 1),
    verdict(PASS),
  ];
}

function wordsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const all = [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
  return [0, 2, 4, 6].map((index) => (all[index] ?? 0) * 65_536 + (all[index + 1] ?? 0));
}
