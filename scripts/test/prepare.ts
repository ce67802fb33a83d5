import { existsSync } from "node:fs";
import { PLUGIN_FOLDERS } from "../../node-agent/src/core/stack/compose/plugin/plugin-folders.ts";
import { buildImages } from "../images.ts";
import { runAgent } from "../local/agent/agent.ts";
import { localWorld } from "../local/world.ts";
import { hasProgram } from "../programs.ts";
import { progress } from "../progress.ts";

let engine: Promise<void> | undefined;
const images = new Map<string, Promise<void>>();
let lastBuild: Promise<void> = Promise.resolve();

/** A container engine and its plugins, installed and started where they are missing; once per run. */
export function prepareEngine(): Promise<void> {
  engine ??= progress.step("container engine", async () => {
    const code = await runAgent(localWorld({}), ["install", "--only", "engine,plugins"]);
    if (code !== 0) throw new Error(`greenleaf-agent install ended with code ${code}`);
  });
  return engine;
}

/** The Compose plugin alone, which reads the Compose files of unit tests; needs no engine. */
export async function prepareCompose(): Promise<void> {
  const isThere = PLUGIN_FOLDERS.some((folder) => existsSync(`${folder}/docker-compose`));
  // Who may not install it skips what needs it.
  if (isThere || process.getuid?.() !== 0 || !hasProgram("apt-get")) return;
  await progress.step("Compose plugin", async () => {
    const code = await runAgent(localWorld({}), ["install", "--only", "plugins"]);
    if (code !== 0) throw new Error(`greenleaf-agent install ended with code ${code}`);
  });
}

/** The named images of this checkout, all without a name, built where their recipe changed; once per run. */
export function prepareImages(...names: string[]): Promise<void> {
  const key = names.join();
  const ready = images.get(key) ?? lastBuild.then(() => buildPrepared(names));
  images.set(key, ready);
  // Groups beside each other ask for the same ones: the second finds them built.
  lastBuild = ready.catch(() => undefined);
  return ready;
}

async function buildPrepared(names: readonly string[]): Promise<void> {
  await prepareEngine();
  await progress.step("images", async (detail) => {
    await buildImages({ names, log: detail });
  });
}
