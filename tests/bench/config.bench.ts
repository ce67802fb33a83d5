import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildAgent } from "../../scripts/build-agent.ts";
import { median } from "../support/quantile.ts";

/** Design 5, row 1: from a cold process to a durable file, at this many milliseconds a call. */
const DELAY_MS = 60;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
/** Runs of ours in each round, for one of each peer. */
const OURS = 3;

interface Load {
  readonly parameters: number;
  readonly secrets: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}
const LOADS: readonly Load[] = [
  { parameters: 37, secrets: 5, wallMs: 350, cpuMs: 300, peakMb: 96 },
  { parameters: 200, secrets: 20, wallMs: 450, cpuMs: Infinity, peakMb: 96 },
];

interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

interface Contestant {
  readonly name: string;
  readonly runs: number;
  readonly argv: readonly string[];
  /** Where its file appears. */
  readonly output: string;
}

const base = mkdtempSync(join(tmpdir(), "greenleaf-bench-"));
const children: ChildProcess[] = [];
try {
  if (spawnSync("/usr/bin/time", ["-f", "", "true"]).status !== 0) {
    process.stdout.write("skipped: GNU time is missing; apt-get install time\n");
  } else {
    const { folder, bytes } = await buildAgent(join(base, "agent"));
    print(
      `agent bundle ${(bytes / 1e6).toFixed(2)} MB, compile cache on disk; ${DELAY_MS} ms a call; load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`,
    );
    const missed: string[] = [];
    for (const load of LOADS) missed.push(...(await compare(load, folder)));
    print(missed.length === 0 ? "every target is held" : `missed: ${missed.join("; ")}`);
    process.exitCode = missed.length === 0 ? 0 : 1;
  }
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(base, { recursive: true });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function compare(load: Load, agent: string): Promise<string[]> {
  const url = await startAws(load);
  const contestants = [ours(load, { agent, url }), ...peers(load, url)];
  // What is kept warm for ours on a node (the compile cache) and for the peers (the file cache) is warm for all.
  for (const contestant of contestants) measure(contestant);
  const results = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contestant of contestants) {
      for (let run = 0; run < contestant.runs; run += 1) results.get(contestant.name)?.push(measure(contestant));
    }
  }
  return table(load, results);
}

async function startAws({ parameters, secrets }: Load): Promise<string> {
  const program = join(import.meta.dirname, "..", "support", "programs", "slow-aws.ts");
  const argv = [program, String(DELAY_MS), String(parameters), String(secrets)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve) => child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim())));
}

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function ours({ parameters, secrets }: Load, { agent, url }: { agent: string; url: string }): Contestant {
  const root = join(base, `node-${parameters}`);
  const templates = join(root, "templates");
  mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
  mkdirSync(templates);
  const document = {
    version: 1,
    project: "greenleaf",
    environment: "test",
    role: "app",
    parameters: "/greenleaf/test",
    release: "ssm:/x",
    region: "eu-west-3",
    endpoints: { aws: url, imds: "none" },
  };
  writeFileSync(join(root, "etc/greenleaf/node.json"), JSON.stringify(document));
  const lines = [
    "# greenleaf: reader=compose",
    ...count(parameters).map((index) => `P${index}={{ssm "p${index}"}}`),
    ...count(secrets).map((index) => `S${index}={{secret "s${index}#password"}}`),
  ];
  writeFileSync(join(templates, "app.env.hbs"), `${lines.join("\n")}\n`);
  const argv = [process.execPath, join(agent, "main.js"), "render", "--root", root, "--templates", templates];
  return { name: "greenleaf-agent render", runs: OURS, argv, output: join(root, "run/greenleaf/app.env") };
}

/** The same values by what a node would otherwise use; only what is installed. */
function peers({ parameters, secrets }: Load, url: string): Contestant[] {
  const names = count(parameters).map((index) => `/greenleaf/test/p${index}`);
  const batches = count(Math.ceil(parameters / 10)).map((at) => names.slice(at * 10, at * 10 + 10));
  const ids = count(secrets).map((index) => `greenleaf/test/s${index}`);
  const contestants: Contestant[] = [];
  if (installed("/usr/bin/aws", "awscli")) contestants.push(awsScript(batches, ids, url));
  if (installed("/usr/bin/ansible-playbook", "ansible-core") && installed("/usr/bin/aws", "awscli")) {
    contestants.push(playbook(batches, ids, url));
  }
  return contestants;
}

function installed(program: string, debianPackage: string): boolean {
  const found = spawnSync(program, ["--version"]).status === 0;
  if (!found) print(`skipped: ${program} is missing; apt-get install ${debianPackage}`);
  return found;
}

function awsCli(url: string): string {
  return `/usr/bin/aws --endpoint-url ${url} --region eu-west-3 --output json`;
}

/** One call after the other, into a temporary file that is moved into its place. */
function awsScript(batches: readonly string[][], ids: readonly string[], url: string): Contestant {
  const output = join(base, `script-${batches.length}.env`);
  const script = [
    "set -eu; umask 077",
    "{",
    ...batches.map((names) => `${awsCli(url)} ssm get-parameters --with-decryption --names ${names.join(" ")}`),
    ...ids.map((id) => `${awsCli(url)} secretsmanager get-secret-value --secret-id ${id}`),
    `} > ${output}.new; sync ${output}.new; mv ${output}.new ${output}`,
  ].join("\n");
  return { name: "aws-cli script", runs: 1, argv: ["sh", "-c", script], output };
}

/** The playbook that does the same on the machine itself, without facts. */
function playbook(batches: readonly string[][], ids: readonly string[], url: string): Contestant {
  const output = join(base, `playbook-${batches.length}.env`);
  const file = join(base, `playbook-${batches.length}.json`);
  const [aws = "", ...rest] = awsCli(url).split(" ");
  const task = (name: string, args: readonly string[], loop: readonly string[]) => ({
    name,
    "ansible.builtin.command": { argv: [aws, ...rest, ...args] },
    loop,
    register: name,
  });
  const tasks = [
    ...batches.map((names, index) => ({
      name: `parameters${index}`,
      "ansible.builtin.command": {
        argv: [aws, ...rest, "ssm", "get-parameters", "--with-decryption", "--names", ...names],
      },
      register: `parameters${index}`,
    })),
    task("secrets", ["secretsmanager", "get-secret-value", "--secret-id", "{{ item }}"], ids),
    {
      name: "write",
      "ansible.builtin.copy": {
        dest: output,
        mode: "0600",
        content: [
          ...batches.map((_, index) => `{{ parameters${index}.stdout }}`),
          "{{ secrets.results | map(attribute='stdout') | join('\\n') }}",
        ].join("\n"),
      },
    },
  ];
  writeFileSync(file, JSON.stringify([{ hosts: "localhost", connection: "local", gather_facts: false, tasks }]));
  return {
    name: "ansible-playbook, local",
    runs: 1,
    argv: ["/usr/bin/ansible-playbook", "-i", "localhost,", file],
    output,
  };
}

/** GNU time counts the program and everything it starts. */
function measure({ argv, output, name }: Contestant): Measured {
  rmSync(output, { force: true });
  const told = join(base, "time");
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_PAGER: "",
    ANSIBLE_NOCOLOR: "1",
  };
  const start = performance.now();
  const { status, stderr, stdout } = spawnSync("/usr/bin/time", ["-o", told, "-f", "%e %U %S %M", ...argv], {
    env,
    encoding: "utf8",
  });
  const wallMs = performance.now() - start;
  if (status !== 0 || readFileSync(output, "utf8").length < 100) throw new Error(`${name} failed: ${stderr}${stdout}`);
  const [, user = 0, system = 0, kilobytes = 0] = readFileSync(told, "utf8").trim().split(" ").map(Number);
  return { wallMs, cpuMs: (user + system) * 1000, peakMb: kilobytes / 1024 };
}

function table(load: Load, results: ReadonlyMap<string, Measured[]>): string[] {
  print(`\n${load.parameters} parameters + ${load.secrets} secrets, medians of interleaved runs`);
  print(
    `${"".padEnd(26)}${"wall ms (min-max)".padStart(22)}${"CPU ms".padStart(9)}${"peak MB".padStart(9)}${"x ours".padStart(8)}`,
  );
  const [own] = [...results.values()].map((runs) => summary(runs));
  for (const [name, runs] of results) {
    const { wallMs, least, most, cpuMs, peakMb } = summary(runs);
    const wall = `${wallMs.toFixed(0)} (${least.toFixed(0)}-${most.toFixed(0)})`;
    print(
      `${name.padEnd(26)}${wall.padStart(22)}${cpuMs.toFixed(0).padStart(9)}${peakMb.toFixed(0).padStart(9)}${(wallMs / (own?.wallMs ?? 1)).toFixed(1).padStart(8)}`,
    );
  }
  const limits = { wallMs: load.wallMs, cpuMs: load.cpuMs, peakMb: load.peakMb };
  print(
    `target: wall <= ${load.wallMs} ms${load.cpuMs === Infinity ? "" : `, CPU <= ${load.cpuMs} ms`}, peak <= ${load.peakMb} MB`,
  );
  return (["wallMs", "cpuMs", "peakMb"] as const).flatMap((key) =>
    own && own[key] > limits[key]
      ? [`${load.parameters}+${load.secrets} ${key} ${own[key].toFixed(0)} > ${limits[key]}`]
      : [],
  );
}

function summary(runs: readonly Measured[]) {
  const of = (key: keyof Measured) => runs.map((run) => run[key]);
  return {
    wallMs: median(of("wallMs")),
    least: Math.min(...of("wallMs")),
    most: Math.max(...of("wallMs")),
    cpuMs: median(of("cpuMs")),
    peakMb: Math.max(...of("peakMb")),
  };
}
