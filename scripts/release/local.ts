import { readFile } from "node:fs/promises";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { filesBelow } from "../../node-agent/src/base/files.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { REPOSITORIES } from "../bootstrap/inventory.ts";
import { buildImages } from "../images.ts";
import { runAgent } from "../local/agent/agent.ts";
import { issueLocally, publishLocalRelease } from "../local/release.ts";
import type { LocalWorld } from "../local/world.ts";
import { progress } from "../progress.ts";
import { rolledBack } from "./decisions.ts";

const CURRENT = "/local/release.json";
const PREVIOUS = "/local/previous.json";

/** Makes the local node run a release: a document by its path, or this checkout. */
export async function deployLocally(world: LocalWorld, path: string | undefined, run = runAgent): Promise<number> {
  const files = filesBelow(world.root);
  const before = await files.read(CURRENT);
  if (before === undefined) throw noNode(world);
  if (path === undefined) await publishCheckout(world);
  else await files.write(CURRENT, await issueLocally(world, await checkedDocument(path), before), { mode: 0o644 });
  if ((await files.read(CURRENT)) !== before) await files.write(PREVIOUS, before, { mode: 0o644 });
  return run(world, ["boot"]);
}

/** Makes the local node run what it ran before. */
export async function rollBackLocally(world: LocalWorld, run = runAgent): Promise<number> {
  const files = filesBelow(world.root);
  const [current, previous] = await Promise.all([files.read(CURRENT), files.read(PREVIOUS)]);
  const wanted = rolledBack({ current, previous });
  if (wanted?.current === undefined || wanted.previous === undefined) throw nothingBefore();
  await files.write(CURRENT, await issueLocally(world, wanted.current, wanted.previous), { mode: 0o644 });
  await files.write(PREVIOUS, wanted.previous, { mode: 0o644 });
  return run(world, ["boot"]);
}

async function publishCheckout(world: LocalWorld): Promise<void> {
  const built = await progress.step("images", (log) => buildImages({ names: REPOSITORIES, log }));
  const id = (name: string) => built[name]?.id ?? "";
  const images = { backend: id("backend"), storefront: id("storefront"), caddy: id("caddy") };
  await publishLocalRelease(world, images, built.backend?.labels["io.greenleaf.migrations"] ?? "");
}

async function checkedDocument(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigurationError(`deploy: there is no release document ${path}`, {
      code: "release.unknown",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "name a file, or an environment: ./greenleaf deploy prod RELEASE",
      cause,
    });
  });
  parseRelease(text, path);
  return text;
}

function noNode({ root }: LocalWorld): ConfigurationError {
  return new ConfigurationError("deploy: there is no local node", {
    code: "deploy.no-node",
    why: `${root}${CURRENT} does not exist`,
    fix: "run: sudo ./greenleaf up; or name an environment: ./greenleaf deploy prod RELEASE",
  });
}

function nothingBefore(): ConfigurationError {
  return new ConfigurationError("rollback: the local node ran nothing before", {
    code: "deploy.nothing-before",
    why: "no deploy has replaced its release yet",
    fix: "name an environment: ./greenleaf rollback prod",
  });
}
