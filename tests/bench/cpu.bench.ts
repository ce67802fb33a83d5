import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildAgent } from "../../scripts/build-agent.ts";
import { BOOT_PROJECT, bootNode } from "../integration/boot-node.ts";
import { removeProject } from "../integration/compose-oracle.ts";
import { startAgent } from "../support/agent-process.ts";
import { median } from "../support/quantile.ts";
import { prefixReaper } from "../support/reaper.ts";
import { within } from "../support/test-node.ts";

/** Issue 10: what a command costs that finds nothing to do, in processor time of its whole process, cold. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const TARGETS_MS = { status: 100, plan: 350, boot: 350 } as const;
type Command = keyof typeof TARGETS_MS;

/** What is asked whether anything is routed. */
const CADDY = `
  caddy:
    <<: *service
    image: \${GREENLEAF_IMAGE_STOREFRONT}
    command: [start]
    volumes: ["\${GREENLEAF_STACK}/scripts:/scripts:ro"]
`;

const reaper = prefixReaper(BOOT_PROJECT);
const base = mkdtempSync(join(tmpdir(), "greenleaf-cpu-bench-"));
const node = await bootNode();
try {
  node.publish({ pack: (folder) => appendFileSync(join(folder, "docker-compose.yml"), CADDY) });
  const { folder } = await buildAgent(join(base, "agent"));
  const main = join(folder, "main.js");
  // The first runs make what there is to make, and fill Node's compile cache.
  await cpuOf([main, "boot", "--root", node.root]);
  const daemon = startAgent(["serve", "--port", "0", "--root", node.root], [main]);
  try {
    await within(30_000, "the daemon's socket", () => existsSync(join(node.root, "run/greenleaf/agent.sock")));
    for (const command of ["plan", "status"]) await cpuOf([main, command, "--root", node.root]);
    process.exitCode = report(await measure(main));
  } finally {
    daemon.child.kill();
    await daemon.ended;
  }
} finally {
  await removeProject(BOOT_PROJECT);
  await reaper.finish();
  await node.close();
  rmSync(base, { recursive: true });
}

type Measured = Readonly<Record<Command | "bare", readonly number[]>>;

/** In turn, so that whatever else the machine does falls on all. */
async function measure(main: string): Promise<Measured> {
  const measured = { bare: [] as number[], status: [] as number[], plan: [] as number[], boot: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    measured.bare.push(await cpuOf(["-e", "0"]));
    for (const command of ["status", "plan", "boot"] as const)
      measured[command].push(await cpuOf([main, command, "--root", node.root]));
  }
  return measured;
}

/** Milliseconds of user and system time, with all children; the shell has them from wait4(2). */
async function cpuOf(argv: readonly string[]): Promise<number> {
  const timed = "TIMEFORMAT='%3U %3S'; time \"$@\" >/dev/null 2>&1";
  const { stderr } = await promisify(execFile)("bash", ["-c", timed, "bash", process.execPath, ...argv]);
  return stderr
    .trim()
    .split(/\s+/)
    .reduce((sum, seconds) => sum + Number(seconds) * 1_000, 0);
}

function report({ bare, ...commands }: Measured): number {
  print(`load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores; ${ROUNDS} rounds; user and system time`);
  row("node -e 0", bare, "");
  for (const command of ["status", "plan", "boot"] as const)
    row(`greenleaf-agent ${command}`, commands[command], `target ${TARGETS_MS[command]} ms`);
  const missed = (["status", "plan", "boot"] as const).filter(
    (command) => median(commands[command]) > TARGETS_MS[command],
  );
  print(missed.length === 0 ? "every target is held" : `missed: ${missed.join(", ")}`);
  return missed.length === 0 ? 0 : 1;
}

function row(what: string, values: readonly number[], note: string): void {
  const spread = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
  print(`${what.padEnd(28)} ${median(values).toFixed(0).padStart(5)} ms  (${spread})  ${note}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
