import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Resource, resourcesOf } from "../../scripts/fleet/resource.ts";
import { openWorkspace, TERRAFORM_FOLDER } from "../../scripts/fleet/terraform.ts";
import { completed, missing, mockedApply, mockedStates, plans, requireTools } from "./fleet.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { findings } from "./policies/index.ts";
import { flows } from "./reachability.ts";
import { exposedDataSubnets } from "./subnets.ts";

const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
/** Findings in the unchanged configuration, by environment. */
const usual = new Map<string, ReadonlySet<string>>();

function noticed(environment: string, plan: readonly Resource[], state: readonly Resource[]): ReadonlySet<string> {
  const whole = completed({ environment, resources: plan, from: "" }, state);
  return new Set([
    ...findings(whole)
      .filter(({ exception }) => exception === undefined)
      .map(({ id, address }) => `${id} ${address}`),
    ...flows(state).map((flow) => `reachability ${flow}`),
    ...exposedDataSubnets(state).map((subnet) => `reachability data subnet ${subnet}`),
  ]);
}

/** Mutants that one plan can carry: one environment, each watched for by another check. */
function batches(): readonly (readonly Mutant[])[] {
  const found: Mutant[][] = [];
  for (const mutant of MUTANTS) {
    const watched = (one: Mutant) => `${one.kill} ${one.kill === "reachability" ? one.at : ""}`;
    const fits = (batch: readonly Mutant[]) =>
      batch.every(
        (other) =>
          (other.environment ?? "prod") === (mutant.environment ?? "prod") && watched(other) !== watched(mutant),
      );
    const home = found.find(fits);
    if (home) home.push(mutant);
    else found.push([mutant]);
  }
  return found;
}

async function survivors(batch: readonly Mutant[]): Promise<readonly Mutant[]> {
  const environment = batch[0]?.environment ?? "prod";
  const workspace = await openWorkspace(requireTools());
  try {
    for (const mutant of batch) await plant(join(workspace.folder, mutant.file), mutant);
    await workspace.init();
    const plan = resourcesOf(await workspace.plan(environment));
    const state = await mockedApply(workspace, environment);
    const fresh = difference(usual.get(environment) ?? new Set(), noticed(environment, plan, state));
    return batch.filter(
      (mutant) => !fresh.some((finding) => finding.startsWith(`${mutant.kill} `) && finding.includes(mutant.at ?? "")),
    );
  } finally {
    await workspace.close();
  }
}

/** What is found now and was not before, and flows that are gone: a packet that must pass and does not is a fault too. */
function difference(before: ReadonlySet<string>, now: ReadonlySet<string>): readonly string[] {
  const lost = [...before].filter((finding) => finding.startsWith("reachability ") && !now.has(finding));
  return [...[...now].filter((finding) => !before.has(finding)), ...lost];
}

async function plant(path: string, mutant: Mutant): Promise<void> {
  await writeFile(path, mutated(await readFile(path, "utf8"), mutant));
}

// Alignment of equals signs is the formatter's, not the mutant's.
function mutated(text: string, { file, from, to }: Mutant): string {
  const pattern = new RegExp(from.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/(?<=\S) +/g, " +"), "g");
  if (!pattern.test(text)) throw new Error(`${file} no longer contains: ${from}`);
  return text.replaceAll(pattern, () => to);
}

// One that terraform refuses by itself would hide the others of its batch: it must be written another way.
function refused(cause: Error & { why?: string }): never {
  throw new Error(`a batch cannot be planned: ${cause.why ?? cause.message}`);
}

test("there are at least 60 mutants, no two alike, each of a text that is there", async () => {
  for (const mutant of MUTANTS) mutated(await readFile(join(TERRAFORM_FOLDER, mutant.file), "utf8"), mutant);
  expect(new Set(MUTANTS.map(({ file, from, to }) => `${file} ${from} ${to}`)).size).toBe(MUTANTS.length);
  expect(MUTANTS.length).toBeGreaterThanOrEqual(60);
});

test.skipIf(missing !== undefined)(`real plans of the mutants: at least 95 % are noticed${skipped}`, async () => {
  const states = await mockedStates();
  for (const [index, { environment, resources }] of (await plans()).entries()) {
    usual.set(environment, noticed(environment, resources, states[index]?.resources ?? []));
  }
  const alive: Mutant[] = [];
  for (const batch of batches()) {
    alive.push(...(await survivors(batch).catch(refused)));
  }
  process.stdout.write(`mutants: ${MUTANTS.length - alive.length} of ${MUTANTS.length} noticed\n`);
  for (const { file, from, kill } of alive)
    process.stdout.write(`  alive: ${file}: ${from.split("\n")[0]} (${kill})\n`);
  expect(alive.length / MUTANTS.length).toBeLessThanOrEqual(0.05);
});
