import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setInterval, setTimeout as sleep } from "node:timers/promises";
import { PermissionError, TemporaryError, UsageError } from "../../node-agent/src/base/errors.ts";
import { buildAgent } from "../build-agent.ts";
import { unitNodeOptions } from "../local/agent/unit-options.ts";
import { createFabric, removeFabric } from "./fabric.ts";
import { installLabTools } from "./lab-tools.ts";
import { observeLab, statusOf } from "./lab-view.ts";
import { nodeDocument } from "./node-documents.ts";
import { labPageServer, listenOnLoopback } from "./page/server.ts";
import { picture } from "./picture.ts";
import { type LabZone, topology } from "./topology.ts";

/** GREENLEAF_LAB gives another name to a second lab beside the first: a test's, or another checkout's. */
export const HAND_LAB = topology(process.env.GREENLEAF_LAB ?? "lab");
export const LAB_FOLDER = `/run/greenleaf-${HAND_LAB.name}`;
const ROOT = join(import.meta.dirname, "..", "..");
const AGENT_FOLDER = join(LAB_FOLDER, "agent");
const READY_MS = 30_000;
const PICTURE_MS = 300;

const say = (text: string) => process.stdout.write(`${text}\n`);
export const routerRoot = (index: number): string => join(LAB_FOLDER, `router-${"ab"[index]}`);
/** What the lab's AWS does wrong; without the file nothing. */
export const CLOUD_FAULTS = join(LAB_FOLDER, "cloud-faults.json");
const observed = () => observeLab(HAND_LAB, LAB_FOLDER);

/** Starts a program inside a namespace that outlives this command; what it prints and its id go to files of the lab. */
function launch(namespace: string, name: string, argv: readonly string[]): void {
  const log = openSync(join(LAB_FOLDER, `${name}.log`), "a");
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, ...argv], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, GREENLEAF_ROUTER_STABLE_MS: "5000" },
  });
  writeFileSync(join(LAB_FOLDER, `${name}.pid`), String(child.pid));
  child.unref();
}

export function launchAgent(index: number): void {
  const zone = HAND_LAB.zones[index] as LabZone;
  // As its unit starts it: what it takes of the machine is what it takes of a node.
  launch(zone.router.namespace, `router-${"ab"[index]}`, [
    ...unitNodeOptions(),
    join(AGENT_FOLDER, "main.js"),
    "serve",
    "--port",
    "9090",
    "--root",
    routerRoot(index),
  ]);
}

const TRAFFIC = "traffic";

/** New flows of zone b, many a second, for ten minutes at most. */
export function launchTraffic(servers: readonly string[]): void {
  const program = join(ROOT, "tests/nat/programs/new-flows.ts");
  launch(HAND_LAB.zones[1].client.namespace, TRAFFIC, [program, "2500", "600", ...servers]);
}

export function stopTraffic(): void {
  const path = join(LAB_FOLDER, `${TRAFFIC}.pid`);
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8"));
  rmSync(path);
  // It may have ended by itself.
  if (existsSync(`/proc/${pid}`)) process.kill(pid);
}

export async function upLab(): Promise<number> {
  if (process.getuid?.() !== 0)
    throw new PermissionError("the lab needs root", {
      code: "root.needed",
      why: "it makes network namespaces",
      fix: "sudo ./greenleaf lab vpc up",
    });
  await installLabTools();
  await downLab();
  mkdirSync(LAB_FOLDER, { recursive: true });
  await Promise.all([createFabric(HAND_LAB), buildAgent(AGENT_FOLDER)]);
  launch(HAND_LAB.internet.namespace, "servers", [join(ROOT, "tests/nat/programs/servers.ts")]);
  launch(HAND_LAB.internet.namespace, "control-plane", [
    join(ROOT, "scripts/lab/control-plane-process.ts"),
    HAND_LAB.name,
    CLOUD_FAULTS,
  ]);
  await printed("control-plane");
  for (const index of [0, 1]) {
    mkdirSync(join(routerRoot(index), "etc/greenleaf"), { recursive: true });
    writeFileSync(join(routerRoot(index), "etc/greenleaf/node.json"), JSON.stringify(nodeDocument(HAND_LAB, index)));
    launchAgent(index);
  }
  await ready();
  say(picture(await observed()));
  say(
    "next: sudo ./greenleaf lab vpc status   (live; page: the same in a browser), sudo ./greenleaf lab vpc break router-b-dies, sudo ./greenleaf lab vpc down",
  );
  return 0;
}

// Agents that cannot reach it yet would begin with a failure.
async function printed(name: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (readFileSync(join(LAB_FOLDER, `${name}.log`), "utf8").includes("ready")) return;
    await sleep(25);
  }
}

async function ready(): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < READY_MS) {
    const states = [0, 1].map((index) => statusOf(routerRoot(index)));
    if (states.every((status) => status?.probe.isProven === true && status.peer?.state === "proven")) return;
    await sleep(100);
  }
  throw new TemporaryError("the lab's routers did not become ready", {
    code: "lab.not-ready",
    why: picture(await observed()),
    fix: `see the logs in ${LAB_FOLDER}`,
  });
}

/** Redraws the picture until it is interrupted; printed once where no terminal reads, but again and again for `live`. */
export async function showLab(argument: string | undefined): Promise<number> {
  const redraw = async () => {
    const view = await observed();
    const text = `${picture(view)}\nprivate packets stopped at the gateway: ${view.leaked}`;
    say(process.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : text);
  };
  await redraw();
  if (!process.stdout.isTTY && argument !== "live") return 0;
  for await (const _ of setInterval(PICTURE_MS)) await redraw();
  return 0;
}

const PAGE_PORT = 8089;

/** The picture in a browser of this machine, until it is interrupted. */
export async function pageLab(argument: string | undefined): Promise<number> {
  const port = Number(argument ?? PAGE_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`${argument} is no port`, {
      code: "usage.lab",
      why: "it is a number from 0 to 65535; 0 takes a free one",
      fix: "leave it out",
    });
  const server = labPageServer(observed);
  say(`http://127.0.0.1:${await listenOnLoopback(server, port)}/   (Ctrl+C ends it)`);
  await new Promise((resolve) => server.once("close", resolve));
  return 0;
}

export async function downLab(): Promise<number> {
  await removeFabric(HAND_LAB.name);
  rmSync(LAB_FOLDER, { recursive: true, force: true });
  return 0;
}
