import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseRouterStatus, ROUTER_STATUS_PATH } from "../../node-agent/src/core/router-status.ts";
import { PermissionError, TemporaryError } from "../../node-agent/src/errors.ts";
import { buildAgent } from "../build-agent.ts";
import { createFabric, leakedPackets, removeFabric } from "./fabric.ts";
import { installLabTools } from "./lab-tools.ts";
import { inside } from "./namespaces.ts";
import { nodeDocument } from "./node-documents.ts";
import { cable, type LabZone, topology } from "./topology.ts";

export const HAND_LAB = topology("lab");
export const LAB_FOLDER = "/run/greenleaf-lab";
const ROOT = join(import.meta.dirname, "..", "..");
const AGENT_FOLDER = join(LAB_FOLDER, "agent");
const READY_MS = 30_000;
const PICTURE_MS = 300;
/** An agent writes its status twice a second. */
const STALE_MS = 2_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
export const routerRoot = (index: number): string => join(LAB_FOLDER, `router-${"ab"[index]}`);

/** Starts a program inside a namespace that outlives this command; what it prints goes to a file of the lab. */
export function launch(namespace: string, name: string, argv: readonly string[]): void {
  const log = openSync(join(LAB_FOLDER, `${name}.log`), "a");
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, ...argv], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, GREENLEAF_ROUTER_STABLE_MS: "5000" },
  });
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
  for (const index of [0, 1]) {
    mkdirSync(join(routerRoot(index), "etc/greenleaf"), { recursive: true });
    writeFileSync(join(routerRoot(index), "etc/greenleaf/node.json"), JSON.stringify(nodeDocument(HAND_LAB, index)));
    launchAgent(index);
  }
  await ready();
  say(await picture());
  say(
    "next: sudo ./greenleaf lab vpc status   (live), sudo ./greenleaf lab vpc break router-b-dies, sudo ./greenleaf lab vpc down",
  );
  return 0;
}

async function ready(): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < READY_MS) {
    const states = [0, 1].map(statusOf);
    if (states.every((status) => status?.probe.isProven === true && status.peer?.state === "proven")) return;
    await sleep(100);
  }
  throw new TemporaryError("the lab's routers did not become ready", {
    why: await picture(),
    fix: `see the logs in ${LAB_FOLDER}`,
  });
}

function statusOf(index: number) {
  const path = join(routerRoot(index), ROUTER_STATUS_PATH);
  return existsSync(path) ? parseRouterStatus(readFileSync(path, "utf8")) : undefined;
}

/** Whose interface each private table names, as the fabric has it. */
async function routes(): Promise<string[]> {
  const tables = await Promise.all(
    HAND_LAB.zones.map((_, index) =>
      inside(HAND_LAB.vpc.namespace, ["ip", "route", "show", "table", String(101 + index)]),
    ),
  );
  return HAND_LAB.zones.map(({ name, client }, index) => {
    const owner = HAND_LAB.zones.findIndex((_, at) => tables[index]?.includes(`dev ${cable.nat(at)} `));
    return `zone ${name}  ${client.range} -> ${owner === -1 ? "NOBODY" : `router ${"ab"[owner]}`}`;
  });
}

/** Who routes what: the routes themselves, and what both routers tell. */
async function picture(): Promise<string> {
  const lines = HAND_LAB.zones.flatMap((zone, index) => {
    const status = statusOf(index);
    if (status === undefined) return [`router ${"ab"[index]}  no status`];
    const quietMs = Date.now() - Date.parse(status.written);
    if (quietMs > STALE_MS) return [`router ${"ab"[index]}  its agent is silent for ${Math.round(quietMs / 1000)} s`];
    const zones = status.zones
      .map(({ name, isServed, owner }) => `${name} ${isServed ? "SERVED" : "-"} (route: ${owner})`)
      .join("   ");
    return [
      `router ${"ab"[index]}  ${zone.nat.address} as ${zone.publicAddress}   probe ${status.probe.isProven ? `${status.probe.ms} ms` : "NOT PROVEN"}   other router: ${status.peer?.state ?? "none"}`,
      `          ${zones}`,
      `          ${status.event} (${status.since})`,
    ];
  });
  return [...(await routes()), ...lines].join("\n");
}

/** Redraws the picture until it is interrupted; printed once where no terminal reads. */
export async function showLab(): Promise<number> {
  do {
    const text = `${await picture()}\nprivate packets stopped at the gateway: ${await leakedPackets(HAND_LAB)}`;
    say(process.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : text);
    if (process.stdout.isTTY) await sleep(PICTURE_MS);
  } while (process.stdout.isTTY);
  return 0;
}

export async function downLab(): Promise<number> {
  await removeFabric(HAND_LAB.name);
  rmSync(LAB_FOLDER, { recursive: true, force: true });
  return 0;
}
