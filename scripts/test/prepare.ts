import { buildImages } from "../images.ts";
import { runAgent } from "../local/agent.ts";
import { localWorld } from "../local/world.ts";
import { progress } from "../progress.ts";

let engine: Promise<void> | undefined;
let images: Promise<void> | undefined;

/** A container engine and its plugins, installed and started where they are missing; once per run. */
export function prepareEngine(): Promise<void> {
  engine ??= progress.step("container engine", async () => {
    const code = await runAgent(localWorld({}), ["install", "--only", "engine,plugins"]);
    if (code !== 0) throw new Error(`greenleaf-agent install ended with code ${code}`);
  });
  return engine;
}

/** Every image of this checkout, built where its recipe changed; once per run. */
export function prepareImages(): Promise<void> {
  images ??= prepareEngine().then(() =>
    progress.step("images", async (detail) => {
      await buildImages({ log: detail });
    }),
  );
  return images;
}
