import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackOf } from "../../node-agent/src/core/stack/compose/load-stack.ts";
import type { PlainMap } from "../../node-agent/src/core/stack/compose/read/plain.ts";
import { planStack } from "../../node-agent/src/core/stack/plan/plan.ts";
import { specify } from "../../node-agent/src/phases/stack/stack-input.ts";
import { buildAgent } from "../../scripts/build-agent.ts";
import { world } from "../integration/agent-engine.ts";
import { BOOT_PROJECT, type BootNode, bootNode } from "../integration/boot-node.ts";
import { removeProject } from "../integration/compose-oracle.ts";
import { hasCompose } from "../support/has-compose.ts";
import { prefixReaper } from "../support/reaper.ts";

/** Design 5, row 3, and the numbers of the stack: medians of runs in turn, on one machine. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const DELAY_MS = 60;

const service = {
  image: "${GREENLEAF_IMAGE_BACKEND}",
  entrypoint: ["/bin/sh", "/scripts/service.sh"],
  command: ["start"],
  init: true,
  stop_grace_period: "1s",
};
const common = {
  ...service,
  healthcheck: { test: "test -f /tmp/up", interval: "1s" },
  volumes: ["${GREENLEAF_STACK}/scripts:/scripts:ro"],
};
const STACK = {
  name: BOOT_PROJECT,
  services: {
    backend: { ...common, env_file: ["${GREENLEAF_RUN}/backend.env"], volumes: [...common.volumes, "${MARKS}:/marks"] },
    storefront: { ...common, env_file: ["${GREENLEAF_RUN}/storefront.env"] },
    caddy: {
      ...common,
      depends_on: { backend: { condition: "service_healthy" }, storefront: { condition: "service_healthy" } },
    },
  },
};

const reaper = prefixReaper(BOOT_PROJECT);
const base = mkdtempSync(join(tmpdir(), "greenleaf-stack-bench-"));
const node = await bootNode();
try {
  node.publish({
    pack: (folder) =>
      writeFileSync(join(folder, "docker-compose.yml"), stringify(STACK, { aliasDuplicateObjects: false })),
  });
  const { folder } = await buildAgent(join(base, "agent"));
  print(`load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores; ${ROUNDS} rounds; a health check each second`);
  const missed = [...(await boots(node, folder)), ...(await plans(node, folder)), ...planner()];
  print(missed.length === 0 ? "every target is held" : `missed: ${missed.join("; ")}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await removeProject(BOOT_PROJECT);
  await reaper.finish();
  await node.close();
  rmSync(base, { recursive: true });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function row(what: string, values: readonly number[], note: string): void {
  const spread = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
  print(`${what.padEnd(44)} ${median(values).toFixed(0).padStart(6)} ms  (${spread})  ${note}`);
}

async function timed(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const began = performance.now();
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}\n${told}`);
  return performance.now() - began;
}

function agentArgv(agent: string, command: string, root: string): [string, ...string[]] {
  return [process.execPath, join(agent, "main.js"), command, "--root", root];
}

async function boots({ root, marks }: BootNode, agent: string): Promise<string[]> {
  const boot = agentArgv(agent, "boot", root);
  await timed(boot);
  const folder = join(root, "var/lib/greenleaf/releases/one");
  const { images } = JSON.parse(readFileSync(join(root, "release.json"), "utf8")) as { images: { backend: string } };
  const env = {
    GREENLEAF_IMAGE_BACKEND: images.backend,
    GREENLEAF_RUN: join(root, "run/greenleaf"),
    GREENLEAF_STACK: folder,
    MARKS: marks,
  };
  const ours: number[] = [];
  const again: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await removeProject(BOOT_PROJECT);
    ours.push(await timed(boot));
    again.push(await timed(boot));
    await removeProject(BOOT_PROJECT);
    if (hasCompose)
      theirs.push(await timed(["docker", "compose", "-f", join(folder, "docker-compose.yml"), "up", "--wait"], env));
  }
  row("boot to healthy, images present", ours, "all phases, from process start");
  if (hasCompose)
    row(
      "docker compose up --wait",
      theirs,
      execFileSync("docker", ["compose", "version", "--short"], { encoding: "utf8" }).trim(),
    );
  else print("skipped: docker compose is missing; apt-get install docker-compose (Debian 13)");
  row("second boot, nothing to do", again, "target 1000 ms");
  const ratio = hasCompose ? median(ours) / median(theirs) : 0;
  print(`boot / compose: ${ratio.toFixed(2)}  (target 1.00)`);
  return [
    ...(ratio > 1 ? [`boot is ${ratio.toFixed(2)} x compose`] : []),
    ...(median(again) > 1000 ? ["second boot"] : []),
  ];
}

/** The plan of a node that is up, with every AWS call as slow as a far region's. */
async function plans({ root, aws }: BootNode, agent: string): Promise<string[]> {
  const slow = createServer((incoming, outgoing) => {
    setTimeout(() => {
      const { method, headers, url } = incoming;
      incoming.pipe(
        request(`${aws.url}${url}`, { method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        }),
      );
    }, DELAY_MS);
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const path = join(root, "etc/greenleaf/node.json");
  const document = JSON.parse(readFileSync(path, "utf8")) as { endpoints: { aws: string } };
  document.endpoints.aws = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  writeFileSync(path, JSON.stringify(document));
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await timed(agentArgv(agent, "plan", root)));
  slow.closeAllConnections();
  slow.close();
  row(`plan, ${DELAY_MS} ms a call`, values, "target 600 ms");
  return median(values) > 600 ? ["plan"] : [];
}

function planner(): string[] {
  const healthcheck = { test: ["CMD-SHELL", "test -f /tmp/up"], interval: "1s" };
  const on = (index: number) => ({ [`s${index}`]: { condition: "service_started", required: true } });
  const services = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [
      `s${index}`,
      {
        image: "x",
        healthcheck,
        volumes: [{ type: "bind", source: "/x", target: "/scripts", read_only: true }],
        networks: { default: null },
        ...(index > 0 ? { depends_on: on(index - 1) } : {}),
      },
    ]),
  );
  const model: PlainMap = { services, networks: { default: { name: "gl_default" } } };
  const values = Array.from({ length: 21 }, () => {
    const began = performance.now();
    const { stack } = stackOf(model, { path: "/x/docker-compose.yml", project: "gl" });
    const source = { stack, environments: new Map() };
    const specs = specify(source, { images: new Map([["x", "sha256:x"]]), digest: world.digest });
    const observed = {
      api: "1.41",
      networks: new Set<string>(),
      volumes: new Set<string>(),
      foreignNetworks: new Set<string>(),
      foreignVolumes: new Set<string>(),
      images: new Map([["x", "sha256:x"]]),
      uncheckedImages: new Set<string>(),
      containers: [],
      foreignNames: new Set<string>(),
      routes: new Map(),
      takenPorts: [],
    };
    planStack({ stack, specs }, observed);
    return performance.now() - began;
  });
  print(`first plan of a process: ${values[0]?.toFixed(0)} ms`);
  row("check and plan 20 services", values.slice(1), "target 150 ms");
  return (values[0] ?? 0) > 150 ? ["planner"] : [];
}
