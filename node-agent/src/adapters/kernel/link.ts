import { ConfigurationError, DeadlineError } from "../../base/errors.ts";
import type { Exec } from "../../base/exec.ts";
import type { Link, Network, Rule } from "../../core/router/nat/network.ts";

/** Interfaces, addresses, routes and policy rules, through iproute2's JSON. */
export interface Links {
  observe(): Promise<Network>;
  /** Rules, default routes and addresses as text that changes when they do: one program instead of three. */
  outline(): Promise<string>;
  /** What the driver counts, as `ethtool -S` prints it; empty where it counts nothing or ethtool is not there. */
  statistics(device: string): Promise<string>;
  /** One `ip` command, without the program's name. */
  ip(args: readonly string[]): Promise<void>;
}

interface IpAddress {
  ifname: string;
  address?: string;
  flags: string[];
  mtu: number;
  addr_info: Array<{ family: string; local: string; prefixlen: number }>;
}

interface IpRoute {
  dst: string;
  gateway?: string;
  dev?: string;
  table?: string | number;
  metric?: number;
}

interface IpRule {
  priority: number;
  src?: string;
  srclen?: number;
  dst?: string;
  dstlen?: number;
  iif?: string;
  table?: string | number;
  /** Who made it; and what our rules never have: a mark, a port, an action. */
  [other: string]: string | number | null | undefined;
}

export function links(exec: Exec): Links {
  const json = async <T>(...args: string[]): Promise<T[]> => {
    const { stdout } = await exec(["ip", "-json", ...args], { timeoutMs: 5_000 });
    return JSON.parse(stdout || "[]") as T[];
  };
  return {
    async observe() {
      const [addresses, routes, rules] = await Promise.all([
        json<IpAddress>("address"),
        json<IpRoute>("-4", "route", "show", "table", "all", "default"),
        json<IpRule>("-4", "rule"),
      ]);
      return { links: addresses.map(linkOf), rules: rules.map(ruleOf), defaults: defaultsOf(routes) };
    },
    async outline() {
      // In the brief form no lifetime of an address counts down.
      const input = "rule show\nroute show table all default\naddress show\n";
      return (await exec(["ip", "-brief", "-batch", "-"], { timeoutMs: 5_000, input })).stdout;
    },
    statistics: (device) =>
      exec(["ethtool", "-S", device], { timeoutMs: 5_000 }).then(
        ({ stdout }) => stdout,
        () => "",
      ),
    async ip(args) {
      await exec(["ip", ...args], { timeoutMs: 5_000 }).catch((cause: unknown) => {
        if (cause instanceof DeadlineError) throw cause;
        throw new ConfigurationError(`nat: ip ${args.join(" ")} was refused`, {
          code: "nat.ip-refused",
          why: cause instanceof Error && "why" in cause ? String(cause.why) : String(cause),
          fix: "load the kernel module it needs (veth, vxlan), or take out what is in its way, then boot again",
          cause,
        });
      });
    },
  };
}

function linkOf({ ifname, address = "", flags, mtu, addr_info }: IpAddress): Link {
  const of = (wanted: string) =>
    addr_info.filter(({ family }) => family === wanted).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  return { name: ifname, mac: address, isUp: flags.includes("UP"), mtu, addresses: of("inet"), ipv6: of("inet6") };
}

/** Who made a rule, and that its interface is gone: no part of what it asks for. */
const TOLD_BESIDE: ReadonlySet<string> = new Set(["protocol", "iif_detached", "oif_detached"]);

export function ruleOf({ priority, src, srclen, dst, dstlen, iif, table, ...others }: IpRule): Rule {
  const part = (word: string, value: string | undefined, length: number | undefined) =>
    value === undefined || value === "all" ? "" : `${word} ${value}${length === undefined ? "" : `/${length}`} `;
  const more = Object.entries(others)
    .filter(([name]) => !TOLD_BESIDE.has(name))
    .map(([name, value]) => (value === null ? `${name} ` : `${name} ${value} `))
    .join("");
  return {
    priority,
    text: `${part("to", dst, dstlen)}${part("from", src, srclen)}${part("iif", iif, undefined)}${more}lookup ${table}`,
  };
}

// The lowest metric wins, as in the kernel; a route without one has 0.
function defaultsOf(routes: readonly IpRoute[]): Network["defaults"] {
  const defaults: Record<string, { device: string; gateway?: string }> = {};
  for (const { dev, gateway, table = "main" } of routes.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))) {
    if (dev === undefined || defaults[table] !== undefined) continue;
    defaults[String(table)] = { device: dev, ...(gateway === undefined ? {} : { gateway }) };
  }
  return defaults;
}
