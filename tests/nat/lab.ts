import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RouterState } from "../../node-agent/src/core/router/nat/config.ts";
import type { RouterStatus } from "../../node-agent/src/core/router/status.ts";
import { buildAgent } from "../../scripts/build-agent.ts";
import { removeDeadLabs } from "../../scripts/lab/dead-labs.ts";
import {
  applyState,
  type CloudState,
  createFabric,
  initialState,
  leakedPackets,
  removeFabric,
} from "../../scripts/lab/fabric.ts";
import type { ImdsFault, ImdsState } from "../../scripts/lab/imds.ts";
import { LAB_TOOLS } from "../../scripts/lab/lab-tools.ts";
import { inside } from "../../scripts/lab/namespaces.ts";
import { nodeDocument } from "../../scripts/lab/node-documents.ts";
import { topology } from "../../scripts/lab/topology.ts";
import { unitNodeOptions } from "../../scripts/local/agent/unit-options.ts";
import { hasProgram } from "../../scripts/programs.ts";
import { MEMORY_VARIABLE } from "../../scripts/test/run.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = [process.execPath, ...unitNodeOptions()] as const;
/** Where a node has /run; what is synced there costs nothing. */
const MEMORY = process.env[MEMORY_VARIABLE] ?? (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/** Names the agent's bundle where somebody has built it (tests/nat/setup.ts). */
export const AGENT_VARIABLE = "GREENLEAF_LAB_AGENT";

let bundle: Promise<string> | undefined;

/** The agent as it ships; built once per process where nobody has, and taken away with it. */
export function agentProgram(): Promise<string> {
  const given = process.env[AGENT_VARIABLE];
  if (given !== undefined) return Promise.resolve(given);
  bundle ??= buildBundle().then(({ folder, program }) => {
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return program;
  });
  return bundle;
}

export async function buildBundle(): Promise<{ readonly folder: string; readonly program: string }> {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-nat-agent-"));
  await buildAgent(join(folder, "agent"));
  return { folder, program: join(folder, "agent", "main.js") };
}

const NEEDED = ["ip", "iptables", "nft", "conntrack"] as const;

/** Undefined where the suite can run; else the line that says what is missing and how to get it. */
export function skipReason(...more: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root: run sudo ./greenleaf test nat";
  const missing = [...NEEDED, ...more].filter((program) => !hasProgram(program)).map((program) => LAB_TOOLS[program]);
  if (missing.length > 0) return `needs ${missing.join(", ")}: apt-get install -y ${missing.join(" ")}`;
  return kernelLacks("veth") ?? kernelLacks("vxlan") ?? kernelLacks("nft");
}

/** What is tried in a network namespace of its own, which ends with the trial. */
const TRIALS = {
  veth: "ip link add gl0 type veth peer name gl1",
  vxlan: "ip link add gl0 type vxlan id 1 dstport 4789",
  nft: "iptables-nft -t nat -A POSTROUTING -j MASQUERADE && iptables-nft -A FORWARD -m conntrack --ctstate NEW",
  legacy:
    "iptables-legacy -t nat -A POSTROUTING -j MASQUERADE && iptables-legacy -A FORWARD -m conntrack --ctstate NEW",
} as const;

/** Undefined where the kernel has it; else the reason a test is skipped for. */
export function kernelLacks(what: keyof typeof TRIALS): string | undefined {
  const { status, stderr } = spawnSync("unshare", ["-n", "sh", "-c", TRIALS[what]], { encoding: "utf8" });
  return status === 0 ? undefined : `this kernel has no ${what}: ${stderr.trim().split("\n").at(-1)}`;
}

export interface Program {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Sends a line and gives the next line printed. */
  ask(line: string): Promise<string>;
  ended: Promise<number>;
  stop(): Promise<void>;
}

/** What the control plane answers to an order. */
export interface CloudView {
  state: CloudState;
  calls: Array<{ at: number; action: string; from?: number }>;
  leases: Record<string, { holder: string; version: string }>;
}

export interface Counts {
  open: number;
  resets: number;
  ended: number;
  received: number;
  silent: number;
  silentMs: number;
  longestGapMs: number;
}

export interface AgentRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** A lab of two zones with one agent root per router; removed by `remove`. */
export async function openLab(name: string, options: { env?: Record<string, string>; document?: object } = {}) {
  await removeDeadLabs();
  const lab = topology(`${name}-${process.pid}`);
  const agent = await agentProgram();
  await createFabric(lab);
  let state: CloudState = initialState(lab);
  const folder = mkdtempSync(join(MEMORY, `greenleaf-nat-${name}-`));
  const roots = lab.zones.map((_, index) => {
    const root = join(folder, `r${index + 1}`);
    mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
    writeFileSync(
      join(root, "etc/greenleaf/node.json"),
      JSON.stringify({ ...nodeDocument(lab, index), ...options.document }),
    );
    return root;
  });
  const programs: Program[] = [];
  const env = { ...process.env, ...options.env };

  const start = (namespace: string, argv: readonly string[], extra: Record<string, string> = {}): Program => {
    const child = spawn("ip", ["netns", "exec", namespace, ...argv], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...env, ...extra },
    });
    const program = programOf(child);
    programs.push(program);
    return program;
  };
  const node = (namespace: string, script: string, ...args: string[]): Program =>
    start(namespace, [process.execPath, join(import.meta.dirname, "programs", script), ...args]);
  return {
    lab,
    roots,
    start,
    node,
    zone: (index: 0 | 1) => lab.zones[index],
    client: (index: 0 | 1) => lab.zones[index].client.namespace,
    router: (index: 0 | 1) => lab.zones[index].router.namespace,
    internet: lab.internet,
    inside: (namespace: string, ...argv: string[]) => inside(namespace, argv),
    /** Runs a command inside without a shell; gives its exit code too. */
    async run(namespace: string, ...argv: string[]): Promise<AgentRun> {
      return finished(start(namespace, argv));
    },
    async agent(index: 0 | 1, ...args: string[]): Promise<AgentRun> {
      return finished(
        start(lab.zones[index].router.namespace, [...NODE, agent, ...args, "--root", roots[index] ?? ""]),
      );
    },
    startAgent: (index: 0 | 1, args: readonly string[], extra: Record<string, string> = {}) =>
      start(lab.zones[index].router.namespace, [...NODE, agent, ...args, "--root", roots[index] ?? ""], extra),
    async ask(namespace: string, ...args: string[]): Promise<AgentRun> {
      return finished(node(namespace, "ask.ts", ...args));
    },
    async ready(program: Program): Promise<Program> {
      for (let tries = 0; tries < 400 && !program.output().includes("ready\n"); tries += 1) await sleep(25);
      if (!program.output().includes("ready\n"))
        throw new Error(`a program of the lab did not start: ${program.output()}`);
      return program;
    },
    /** Stands for the daemon's decision, which the nat command obeys. */
    decide(index: 0 | 1, decided: RouterState): void {
      mkdirSync(join(roots[index] ?? "", "run/greenleaf"), { recursive: true });
      writeFileSync(join(roots[index] ?? "", "run/greenleaf/router.json"), JSON.stringify(decided));
    },
    state: () => state,
    async change(next: Partial<CloudState>): Promise<void> {
      state = { ...state, ...next };
      await applyState(lab, state);
    },
    leaked: () => leakedPackets(lab),
    /** EC2 and the lease table; gives orders to them. */
    async startCloud(): Promise<(order: object) => Promise<CloudView>> {
      const script = join(ROOT, "scripts/lab/control-plane-process.ts");
      const control = start(lab.internet.namespace, [process.execPath, script, lab.name]);
      await this.ready(control);
      return async (order) => JSON.parse(await control.ask(JSON.stringify(order))) as CloudView;
    },
    /** The metadata service of a router, where a real instance has it; gives orders to it. */
    async startImds(index: 0 | 1): Promise<(order: { fault?: ImdsFault }) => Promise<ImdsState>> {
      const { namespace } = lab.zones[index].router;
      await inside(namespace, ["ip", "link", "set", "lo", "up"]);
      await inside(namespace, ["ip", "address", "replace", "169.254.169.254/32", "dev", "lo"]);
      const script = join(ROOT, "scripts/lab/imds-process.ts");
      const imds = await this.ready(start(namespace, [process.execPath, script, lab.name, String(index)]));
      return async (order) => JSON.parse(await imds.ask(JSON.stringify(order))) as ImdsState;
    },
    /** The control plane and both daemons; `cloud` gives orders to the first. */
    async startPair(options: { stableMs?: number; env?: Record<string, string> } = {}) {
      const cloud = await this.startCloud();
      for (const index of [0, 1] as const) {
        const { code, stderr } = await this.agent(index, "nat", "apply");
        if (code !== 0) throw new Error(stderr);
      }
      const stable = { GREENLEAF_ROUTER_STABLE_MS: String(options.stableMs ?? 3_000), ...options.env };
      const serve = (index: 0 | 1) => this.startAgent(index, ["serve", "--port", "0"], stable);
      const agents = [serve(0), serve(1)];
      return { cloud, agents, serve };
    },
    /** What `nat status` reads; undefined before the agent wrote one. */
    status(index: 0 | 1): RouterStatus | undefined {
      const path = join(roots[index] ?? "", "run/greenleaf/router-status.json");
      return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as RouterStatus) : undefined;
    },
    async remove(): Promise<void> {
      await Promise.all(programs.map((program) => program.stop()));
      await removeFabric(lab.name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Lab = Awaited<ReturnType<typeof openLab>>;

export const counts = async (flows: Program, line = "now"): Promise<Counts> =>
  JSON.parse(await flows.ask(line)) as Counts;

export function programOf(child: ChildProcess): Program {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  child.stdin?.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  return {
    child,
    ended,
    output: () => out + err,
    async ask(line) {
      const before = out.length;
      child.stdin?.write(`${line}\n`);
      for (let tries = 0; tries < 400 && !out.slice(before).includes("\n"); tries += 1) await sleep(25);
      return out.slice(before).split("\n")[0] ?? "";
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

async function finished(program: Program): Promise<AgentRun> {
  program.child.stdin?.end();
  let stdout = "";
  let stderr = "";
  program.child.stdout?.on("data", (chunk: string) => (stdout += chunk));
  program.child.stderr?.on("data", (chunk: string) => (stderr += chunk));
  return { code: await program.ended, stdout, stderr };
}
