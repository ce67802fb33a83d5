import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setInterval, setTimeout as sleep } from "node:timers/promises";
import { PermissionError, TemporaryError } from "../../node-agent/src/base/errors.ts";
import { buildAgent } from "../build-agent.ts";
import { createFabric, leakedPackets, removeFabric } from "./fabric.ts";
import { installLabTools } from "./lab-tools.ts";
import { nodeDocument } from "./node-documents.ts";
import { picture, statusOf } from "./picture.ts";
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
const drawn = (): Promise<string> => picture(HAND_LAB, LAB_FOLDER);

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
  launch(zone.router.namespace, `router-${"ab"[index]}`, [
    join(AGENT_FOLDER, "main.js"),
    "serve",
    "--port",
    "9090",
    "--root",
    routerRoot(index),
  ]);
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
  ]);
  await printed("control-plane");
  for (const index of [0, 1]) {
    mkdirSync(join(routerRoot(index), "etc/greenleaf"), { recursive: true });
    writeFileSync(join(routerRoot(index), "etc/greenleaf/node.json"), JSON.stringify(nodeDocument(HAND_LAB, index)));
    launchAgent(index);
  }
  await ready();
  say(await drawn());
  say(
    "next: sudo ./greenleaf lab vpc status   (live), sudo ./greenleaf lab vpc break router-b-dies, sudo ./greenleaf lab vpc down",
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
    why: await drawn(),
    fix: `see the logs in ${LAB_FOLDER}`,
  });
}

/** Redraws the picture until it is interrupted; printed once where no terminal reads, but again and again for `live`. */
export async function showLab(argument: string | undefined): Promise<number> {
  const redraw = async () => {
    const text = `${await drawn()}\nprivate packets stopped at the gateway: ${await leakedPackets(HAND_LAB)}`;
    say(process.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : text);
  };
  await redraw();
  if (!process.stdout.isTTY && argument !== "live") return 0;
  for await (const _ of setInterval(PICTURE_MS)) await redraw();
  return 0;
}

export async function downLab(): Promise<number> {
  await removeFabric(HAND_LAB.name);
  rmSync(LAB_FOLDER, { recursive: true, force: true });
  return 0;
}
