import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { type Resource, resourcesOf, type ShownPlan } from "./resource.ts";
import { findTools, openWorkspace } from "./terraform.ts";

export const ENVIRONMENTS = ["prod", "preprod", "dev"] as const;

/** For a command that was given an environment's name; `others` are words it takes besides. */
export function unknownEnvironment(
  command: string,
  name: string,
  { fix, others = "" }: { fix: string; others?: string },
): UsageError {
  return new UsageError(`${command}: there is no environment "${name}"`, {
    code: "usage.environment",
    why: `there are ${ENVIRONMENTS.join(", ")}${others}`,
    fix,
  });
}

/** Plans as they were when last recorded; a test compares them with fresh ones, so they are no older than the code. */
export const RECORDED = join(import.meta.dirname, "golden");

export interface Planned {
  readonly environment: string;
  readonly resources: readonly Resource[];
  /** Where they come from, for the reader of a bill. */
  readonly from: string;
}

/** Plans environments with terraform where it is installed, else takes the recorded plans. */
export async function planFleet(
  environments: readonly string[],
  vars: Readonly<Record<string, string>> = {},
): Promise<readonly Planned[]> {
  const tools = await findTools();
  if ("missing" in tools) return Promise.all(environments.map((environment) => recorded(environment, tools.missing)));
  const workspace = await openWorkspace(tools);
  try {
    await workspace.init();
    const found: Planned[] = [];
    for (const environment of environments) {
      const resources = resourcesOf(await workspace.plan(environment, vars));
      found.push({ environment, resources, from: "terraform plan" });
    }
    return found;
  } finally {
    await workspace.close();
  }
}

export async function recorded(environment: string, why: string): Promise<Planned> {
  const text = await readFile(join(RECORDED, `${environment}.json`), "utf8");
  return { environment, resources: JSON.parse(text) as Resource[], from: `the recorded plan (${why})` };
}

/** A plan file of the operator's: the output of `terraform show -json`. */
export async function planFromFile(path: string): Promise<Planned> {
  const shown = JSON.parse(await readFile(path, "utf8")) as ShownPlan & {
    variables?: { environment?: { value?: string } };
  };
  return { environment: shown.variables?.environment?.value ?? "prod", resources: resourcesOf(shown), from: path };
}
