import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENVIRONMENTS, type Planned, recorded } from "../../scripts/fleet/plans.ts";
import { type Resource, resourcesOf, type ShownPlan } from "../../scripts/fleet/resource.ts";
import {
  findTools,
  openWorkspace,
  TERRAFORM_FOLDER,
  type Tools,
  type Workspace,
  workspaceOf,
} from "../../scripts/fleet/terraform.ts";

/** What this machine has to run terraform with, found once. */
export const tools = await findTools();
export const missing = "missing" in tools ? tools.missing : undefined;

export function requireTools(): Tools {
  if ("missing" in tools) throw new Error(tools.missing);
  return tools;
}

/**
 * Plans of all environments: fresh ones where terraform is installed, else the recorded ones. What a plan cannot know
 * (a policy that names a key's ARN, a router's user data) is filled in from the mocked apply.
 */
export async function plans(): Promise<readonly Planned[]> {
  if (missing !== undefined) return Promise.all(ENVIRONMENTS.map((environment) => recorded(environment, missing)));
  const mocked = await mockedStates();
  const planned = await kept("plans", () =>
    inWorkspace(async (workspace, environment) => resourcesOf(await workspace.plan(environment))),
  );
  return planned.map((plan, index) => completed(plan, mocked[index]?.resources ?? []));
}

// Arguments of ours that hold another resource's ARN; what AWS itself would compute stays unknown.
const FILLED = ["policy", "user_data", "content", "kms_key_id", "kms_key_arn", "kms_master_key_id", "alarm_actions"];

/** A plan with its unknown values taken from a state in which all are known. */
export function completed(plan: Planned, state: readonly Resource[]): Planned {
  const known = new Map(state.map(({ address, values }) => [address, values]));
  const resources: Resource[] = [];
  for (const resource of plan.resources) {
    const values: Record<string, unknown> = { ...resource.values };
    for (const key of FILLED) values[key] ??= given(known.get(resource.address)?.[key]);
    resources.push(Object.assign({}, resource, { values }));
  }
  return { environment: plan.environment, resources, from: plan.from };
}

// What AWS itself would compute is eight random characters on a mock, others at every run.
const given = (value: unknown): unknown =>
  typeof value === "string" && /^[a-z0-9]{8}$/.test(value) ? undefined : value;

async function inWorkspace(
  resourcesIn: (workspace: Workspace, environment: string) => Promise<readonly Resource[]>,
): Promise<readonly Planned[]> {
  const workspace = await openWorkspace(requireTools());
  try {
    await workspace.init();
    const found: Planned[] = [];
    for (const environment of ENVIRONMENTS) {
      found.push({ environment, resources: await resourcesIn(workspace, environment), from: "terraform plan" });
    }
    return found;
  } finally {
    await workspace.close();
  }
}

/** The state of an environment applied to a mocked AWS: every id is known, and none is real. */
export async function mockedStates(): Promise<readonly Planned[]> {
  return kept("mocked", () => inWorkspace(mockedApply));
}

/** Applies an environment to mocks in a workspace that is open already. */
export async function mockedApply(workspace: Workspace, environment: string): Promise<readonly Resource[]> {
  const args = ["test", "-json", "-verbose", "-filter=tests/fleet.tftest.hcl", `-var-file=envs/${environment}.tfvars`];
  const { stdout, stderr } = await workspace.run(args, { TF_WORKSPACE: workspaceOf(environment) });
  const events = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type: string; "@message": string; test_state?: { root_module: object } });
  const state = events.find(({ type }) => type === "test_state")?.test_state;
  if (state) return resourcesOf({ values: state } as ShownPlan);
  throw new Error(`terraform test of ${environment}: ${events.map((event) => event["@message"]).join("\n")}${stderr}`);
}

// The same files give the same plan, so one run of all suites plans once (cache-folder.ts).
async function kept<T>(what: string, make: () => Promise<T>): Promise<T> {
  const folder = process.env.GREENLEAF_TERRAFORM_CACHE ?? tmpdir();
  const file = join(folder, `${what}-${await contentHash()}.json`);
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as T;
  const value = await make();
  await writeFile(`${file}.${process.pid}`, JSON.stringify(value));
  await rename(`${file}.${process.pid}`, file);
  return value;
}

async function contentHash(): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(tools));
  const files = await Array.fromAsync(
    glob("**/*.{tf,tfvars,hcl,json,tftpl}", { cwd: TERRAFORM_FOLDER, exclude: (name) => name === ".terraform" }),
  );
  for (const file of files.toSorted()) {
    if (!file.includes(".terraform")) hash.update(file).update(await readFile(join(TERRAFORM_FOLDER, file)));
  }
  hash.update(await readFile(join(import.meta.dirname, "../../scripts/fleet/resource.ts")));
  return hash.digest("hex").slice(0, 16);
}
