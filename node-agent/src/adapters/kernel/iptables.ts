import { access } from "node:fs/promises";
import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import type { Exec, Output } from "../../base/exec.ts";
import { bareChains, blockingChains, isBare } from "../../core/router/nat/nft-table.ts";
import type { Programs } from "../../core/router/nat/persistence.ts";
import { writersOf } from "../../core/router/nat/returning-drift.ts";
import type { Family } from "../../core/router/nat/rules.ts";

/** The kernel's packet filter through iptables-save and iptables-restore, whichever backend they speak to. */
export interface Iptables {
  /** Undefined where the machine has no IPv6. */
  save(family: Family): Promise<string | undefined>;
  /** The IPv4 rules with what each has counted. */
  counters(): Promise<string>;
  /** Chains of others that drop what is forwarded; none where nft is not installed. */
  blocking(): Promise<readonly string[]>;
  /** Whether the kernel tells of changes of the rules: of the legacy backend's it does not. */
  isTold(): Promise<boolean>;
  /** Programs that changed the packet filter in so many seconds from now; none where nft is not installed. */
  writers(seconds: number): Promise<readonly string[]>;
  /** The kernel takes each table's changes in one commit: a table is changed as a whole or not at all. */
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
    blocking: () =>
      exec(["nft", "--terse", "list", "ruleset"], { timeoutMs: 5_000 }).then(
        ({ stdout }) => blockingChains(stdout),
        () => [],
      ),
    isTold: () =>
      exec([PREFIX.ipv4, "--version"], { timeoutMs: 5_000 }).then(
        ({ stdout }) => backend === "nft" || (backend === "auto" && stdout.includes("nf_tables")),
        () => false,
      ),
    writers: (seconds) =>
      exec(["timeout", String(seconds), "nft", "monitor"], {
        timeoutMs: seconds * 1_000 + 5_000,
        accept: [0, 1, 124],
      }).then(
        ({ stdout }) => writersOf(stdout),
        () => [],
      ),
    async restore(family, text) {
      await run(exec, [name(family, "restore"), "--noflush", "-w", LOCK_WAIT], text);
    },
    async deleteTable(family, table) {
      // Only the nft backend can; without nft an empty table stays, which does nothing.
      if (backend === "legacy" || (await find("nft")) === undefined) return;
      const object = [family === "ipv4" ? "ip" : "ip6", table] as const;
      const { stdout } = await exec(["nft", "list", "table", ...object], { accept: [0, 1] });
      // iptables-save does not show what nft put there: then the chains that iptables made go, and the table stays.
      if (isBare(stdout)) return void (await exec(["nft", "delete", "table", ...object], { accept: [0, 1] }));
      for (const chain of bareChains(stdout))
        await exec(["nft", "delete", "chain", ...object, chain], { accept: [0, 1] });
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
  // iptables(8): 2 is a wrong argument, 3 a kernel that cannot; 1 and 4 may be another program at the same table.
  const Kind = output.code === 2 || output.code === 3 ? ConfigurationError : TemporaryError;
  throw new Kind(`${program} ended with code ${output.code}`, {
    code: "nat.iptables",
    why: output.stderr.trim().split("\n").slice(-3).join(" | ") || "it printed no reason",
    // Each table is a commit of its own: those before the refused one may have changed.
    fix: "see greenleaf-agent plan (a router: nat plan) for what is left to do; load the kernel module it names, or remove the rule it names",
  });
}

function notInstalled(program: string): ConfigurationError {
  return new ConfigurationError(`${program} is not installed`, {
    code: "nat.iptables-missing",
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
