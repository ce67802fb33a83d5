import { expect, test } from "vitest";
import { barrierProgram, planBarriers } from "./barrier.ts";

interface Packet {
  readonly protocol: number;
  /** The network header in 32-bit words. */
  readonly header: readonly number[];
}

/** Runs classic BPF as the kernel does; gives the verdict. */
function verdictOf(program: string, packet: Packet): number {
  const code = program
    .split(",")
    .slice(1)
    .map((text) => text.split(" ").map(Number) as [number, number, number, number]);
  let accumulator = 0;
  for (let at = 0; at < code.length; at += 1) {
    const [operation, jt, jf, k] = code[at] ?? END;
    if (operation === 0x20) accumulator = k === 0xff_ff_f0_00 ? packet.protocol : word(packet, k - 0xff_f0_00_00);
    else if (operation === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (operation === 0x05) at += k;
    else if (operation === 0x15) at += accumulator === k ? jt : jf;
    else if (operation === 0x06) return k;
  }
  throw new Error("the program ends without a verdict");
}

const END = [6, 0, 0, 1] as const;
const word = ({ header }: Packet, offset: number): number => header[offset / 4] ?? 0;
const ipv4 = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const fromTo = (source: string, target: string): Packet => ({
  protocol: 0x08_00,
  header: [0, 0, 0, ipv4(source), ipv4(target)],
});
const ipv6 = (...source: readonly number[]): Packet => ({ protocol: 0x86_dd, header: [0, 0, ...source] });

const allowed = {
  own: ["10.0.1.10", "10.0.1.11"],
  ownIpv6: ["2600:1f18::10", "fe80::1"],
  ranges: ["10.0.0.0/16", "100.64.8.0/21"],
};
const program = barrierProgram(allowed);
const passes = (packet: Packet): boolean => verdictOf(program, packet) === 0xff_ff_ff_ff;

test.each([
  ["10.0.1.10", "198.51.100.2", true],
  ["10.0.1.11", "198.51.100.2", true],
  ["0.0.0.0", "255.255.255.255", true],
  ["10.0.10.10", "198.51.100.2", false],
  ["10.0.20.10", "198.51.100.2", false],
  ["192.168.5.5", "198.51.100.2", false],
  ["100.64.9.1", "198.51.100.2", false],
  ["8.8.8.8", "198.51.100.2", false],
  ["198.51.100.2", "10.0.10.10", true],
  ["198.51.100.2", "100.64.15.255", true],
  ["198.51.100.2", "100.64.16.0", false],
  ["10.0.20.10", "10.0.10.10", false],
])("a packet from %s to %s: the barrier lets it out: %s", (source, target, isAllowed) => {
  expect(passes(fromTo(source, target))).toBe(isAllowed);
});

test("of IPv6 only the machine's own and link-local addresses send; other protocols pass", () => {
  expect(passes(ipv6(0x26_00_1f_18, 0, 0, 0x10))).toBe(true);
  expect(passes(ipv6(0x26_00_1f_18, 0, 0, 0x11))).toBe(false);
  expect(passes(ipv6(0x26_00_1f_18, 0, 1, 0x10))).toBe(false);
  expect(passes(ipv6(0xfe_80_00_00, 0, 0, 5))).toBe(true);
  expect(passes(ipv6(0, 0, 0, 0))).toBe(true);
  expect(passes({ protocol: 0x08_06, header: [] })).toBe(true);
});

test("fifty addresses of an interface are no jump too far", () => {
  const own = Array.from({ length: 50 }, (_, index) => `10.0.1.${index + 1}`);
  const ownIpv6 = Array.from({ length: 50 }, (_, index) => `2600::${(index + 1).toString(16)}`);
  const long = barrierProgram({ ...allowed, own, ownIpv6 });
  expect(verdictOf(long, fromTo("10.0.1.50", "198.51.100.2"))).toBe(0xff_ff_ff_ff);
  expect(verdictOf(long, fromTo("10.0.1.51", "198.51.100.2"))).toBe(2);
  expect(verdictOf(long, ipv6(0x26_00_00_00, 0, 0, 50))).toBe(0xff_ff_ff_ff);
});

test("the stand-by address is let out whether or not the interface has it yet, and a new address is followed", () => {
  const link = { name: "ens6", mac: "", isUp: true, mtu: 1500, addresses: ["10.0.1.10/24"] };
  const home = { name: "a", sources: ["10.0.10.0/24"], address: "10.0.1.10/24", standby: "10.0.1.11" };
  const router = { vpc: ["10.0.0.0/16"], zones: [home] };
  const planOf = (addresses: readonly string[], found: string | undefined) =>
    planBarriers(router, {
      network: { links: [{ ...link, addresses }], rules: [], defaults: {} },
      barriers: new Map([["ens6", { program: found, hasHook: true, hasForeign: false }]]),
    });
  const [first] = planOf(["10.0.1.10/24"], undefined);
  const standing = first?.kind === "barrier" ? first.program : "";
  expect(planOf(["10.0.1.10/24", "10.0.1.11/32"], standing)).toEqual([]);
  expect(planOf(["10.0.1.10/24", "10.0.1.12/24"], standing)).toMatchObject([{ why: "the addresses changed" }]);
});
