import { existsSync } from "node:fs";
import { glob, rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { exec } from "../node-agent/src/adapters/exec.ts";
import { PermissionError, UsageError } from "../node-agent/src/errors.ts";
import { runAgent } from "./local/agent.ts";
import { removeAws } from "./local/aws-services.ts";
import { removeLauncherPackages } from "./local/launcher-packages.ts";
import { optionsOf } from "./local/options.ts";
import { removeStack } from "./local/remove-stack.ts";
import { stopResident } from "./local/resident.ts";
import { ensureRunFolder } from "./local/run-folder.ts";
import { isDefaultWorld, type LocalWorld } from "./local/world.ts";
import { progress } from "./progress.ts";

/** `./greenleaf down`: stops the shop and keeps its data; `--purge` removes all that `up` made, and only that. */
export async function main(argv: readonly string[]): Promise<number> {
  const { world, values } = optionsOf("down", argv, { purge: { type: "boolean" }, yes: { type: "boolean" } });
  if (process.getuid?.() !== 0) {
    throw new PermissionError("greenleaf down needs root", {
      why: "it removes what root made",
      fix: "run: sudo ./greenleaf down",
    });
  }
  const purge = values.purge === true;
  if (purge && values.yes !== true && !(await isConfirmed(world))) return 0;
  await progress.step("node agent", () => stopResident(world));
  if (await engineAnswers()) {
    await progress.step("stack", () => removeStack(world.project));
    await progress.step("postgres, valkey and aws", () => removeAws(world, { volumes: purge }));
  }
  if (purge) await removeEverything(world);
  return 0;
}

async function engineAnswers(): Promise<boolean> {
  return exec(["docker", "version", "--format", "{{.Server.Version}}"]).then(
    () => true,
    () => false,
  );
}

async function isConfirmed(world: LocalWorld): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError("down --purge asks before it removes everything", {
      why: "nobody can answer here: standard input is no terminal",
      fix: "say it with the command: sudo ./greenleaf down --purge --yes",
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const question = `Remove the shop of project "${world.project}" with its database, pictures, images and ${world.root}? [y/N] `;
  const answer = await prompt.question(question);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function removeEverything(world: LocalWorld): Promise<void> {
  if (!(await hasOtherWorlds(world))) await progress.step("images", () => removeImages());
  await progress.step("tools that up installed", async (detail) => {
    const code = await runAgent(world, ["install", "--remove"]);
    if (code !== 0) detail(`greenleaf-agent install --remove ended with code ${code}`);
    await removeLauncherPackages(world.root);
  });
  await progress.step(`files below ${world.root}`, async () => {
    await rm(await ensureRunFolder(world), { recursive: true, force: true });
    await rm(world.root, { recursive: true, force: true });
    if (isDefaultWorld(world)) await rm(`${import.meta.dirname}/../compose/.env`, { force: true });
  });
}

/** Another local world on this machine runs on the same images. */
async function hasOtherWorlds({ root }: LocalWorld): Promise<boolean> {
  const documents = await Array.fromAsync(glob("/var/lib/*-local/etc/greenleaf/node.json"));
  return documents.some((path) => !path.startsWith(`${root}/`));
}

/** Only images that `greenleaf images` built, and the base tag it made itself. */
async function removeImages(): Promise<void> {
  if (!existsSync("/var/run/docker.sock") || !(await engineAnswers())) return;
  const { stdout } = await exec(["docker", "images", "--filter", "label=io.greenleaf.recipe", "--format", "{{.ID}}"]);
  const ids = [...new Set(stdout.split("\n").filter((id) => id !== ""))];
  for (const id of ids) await exec(["docker", "rmi", "--force", id], { accept: [0, 1] });
}
