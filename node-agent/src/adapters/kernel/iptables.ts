import { access } from "node:fs/promises";
import type { Programs } from "../core/nat/persistence.ts";
import type { Family } from "../core/nat/rules.ts";
import { ConfigurationError, TemporaryError } from "../errors.ts";
import type { Exec, Output } from "./exec.ts";

/** The kernel's packet filter through iptables-save and iptables-restore, whichever backend they speak to. */
export interface Iptables {
  /** Undefined where the machine has no IPv6. */
  save(family: Family): Promise<string | undefined>;
  /** The IPv4 rules with what each has counted. */
  counters(): Promise<string>;
  /** All or nothing: the kernel takes each table's changes in one commit. */
  restore(family: Family, text: string): Promise<void>;
  deleteTable(family: Family, table: string): Promise<void>;
  /** Absolute paths, for a unit that has no PATH. */
  programs(): Promise<Programs>;
}

export type Backend = "auto" | "nft" | "legacy";

const FOLDERS = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
const PREFIX = { ipv4: "iptables", ipv6: "ip6tables" } as const;
/** Another program may hold the lock of the legacy backend; seconds. */
const LOCK_WAIT = "5";

export function iptables(exec: Exec, backend: Backend = backendOf(process.env.GREENLEAF_IPTABLES)): Iptables {
  const name = (family: Family, verb: "save" | "restore") =>
    `${PREFIX[family]}${backend === "auto" ? "" : `-${backend}`}-${verb}`;
  return {
    async save(family) {
      if (family === "ipv6" && !(await exists("/proc/sys/net/ipv6"))) return undefined;
      return (await run(exec, [name(family, "save")])).stdout;
    },
    counters: async () => (await run(exec, [name("ipv4", "save"), "-c"])).stdout,
    async restore(family, text) {
      await run(exec, [name(family, "restore"), "--noflush", "-w", LOCK_WAIT], text);
    },
    async deleteTable(family, table) {
      // Only the nft backend can; without nft an empty table stays, which does nothing.
      if (backend === "legacy" || (await find("nft")) === undefined) return;
      await exec(["nft", "delete", "table", family === "ipv4" ? "ip" : "ip6", table], { accept: [0, 1] });
    },
    programs: async () => ({
      ipv4Restore: (await find(name("ipv4", "restore"))) ?? `/usr/sbin/${name("ipv4", "restore")}`,
      ipv6Restore: (await find(name("ipv6", "restore"))) ?? `/usr/sbin/${name("ipv6", "restore")}`,
    }),
  };
}

const backendOf = (given: string | undefined): Backend => (given === "nft" || given === "legacy" ? given : "auto");

async function run(exec: Exec, argv: [string, ...string[]], input?: string): Promise<Output> {
  const [program] = argv;
  if ((await find(program)) === undefined) throw notInstalled(program);
  const output = await exec(argv, {
    timeoutMs: 10_000,
    accept: [0, 1, 2, 3, 4],
    ...(input === undefined ? {} : { input }),
  });
  if (output.code === 0) return output;
  throw new TemporaryError(`nat: ${program} ended with code ${output.code}; no rule was changed`, {
    why: output.stderr.trim().split("\n").slice(-3).join(" | ") || "it printed no reason",
    fix: "see greenleaf-agent nat plan; load the kernel module it names, or remove the rule it names",
  });
}

function notInstalled(program: string): ConfigurationError {
  return new ConfigurationError(`nat: ${program} is not installed`, {
    why: `it is in none of ${searchPath().join(", ")}`,
    fix: "install iptables (Debian: apt-get install iptables; Amazon Linux: dnf install iptables-nft), then boot again",
  });
}

const searchPath = (): readonly string[] => [
  ...new Set([...(process.env.PATH ?? "").split(":").filter(Boolean), ...FOLDERS]),
];

async function find(program: string): Promise<string | undefined> {
  for (const folder of searchPath()) if (await exists(`${folder}/${program}`)) return `${folder}/${program}`;
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
