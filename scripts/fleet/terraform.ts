import { execFile } from "node:child_process";
import { access, constants, cp, glob, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import type { ShownPlan } from "./resource.ts";

export const TERRAFORM_FOLDER = join(import.meta.dirname, "../../terraform");
const SHOWN_PLAN_BYTES = 64 * 1024 * 1024;

/** What a finished terraform said; a non-zero exit is an answer, not an exception. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Tools {
  readonly terraform: string;
  /** Folder of unpacked providers; undefined = the public registry. */
  readonly mirror: string | undefined;
}

/** The terraform to use and its providers; a reason where there is none. */
export async function findTools(): Promise<Tools | { readonly missing: string }> {
  const terraform = await onPath("terraform");
  if (!terraform) return { missing: "terraform is not installed (releases.hashicorp.com/terraform, 1.11 or later)" };
  return { terraform, mirror: await findMirror() };
}

async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

async function findMirror(): Promise<string | undefined> {
  const patterns = process.env.TF_PLUGIN_MIRROR
    ? [join(process.env.TF_PLUGIN_MIRROR, "registry.terraform.io/hashicorp/aws")]
    : ["/opt/*/registry.terraform.io/hashicorp/aws", "/usr/share/*/registry.terraform.io/hashicorp/aws"];
  for (const pattern of patterns) {
    for await (const found of glob(pattern)) return dirname(dirname(dirname(found)));
  }
  return undefined;
}

export interface WorkspaceOptions {
  /** Further folders of providers, such as the schema provider of tests. */
  readonly mirrors?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Below terraform/; "" is the fleet. */
  readonly root?: string;
}

/** A copy of terraform/ where runs leave their files; `close` removes it. */
export interface Workspace {
  readonly folder: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  init(): Promise<void>;
  /** Plans an environment in its workspace and shows the plan. */
  plan(environment: string, vars?: Readonly<Record<string, string>>): Promise<ShownPlan>;
  close(): Promise<void>;
}

export async function openWorkspace(tools: Tools, options: WorkspaceOptions = {}): Promise<Workspace> {
  const base = await mkdtemp(join(tmpdir(), "greenleaf-terraform-"));
  await cp(TERRAFORM_FOLDER, join(base, "terraform"), { recursive: true, filter: isSource });
  const folder = join(base, "terraform", options.root ?? "");
  await writeFile(join(base, "terraform.rc"), cliConfig(tools, options.mirrors ?? []));
  const fixed = {
    TF_CLI_CONFIG_FILE: join(base, "terraform.rc"),
    TF_DATA_DIR: join(base, "data"),
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
  };
  const run: Workspace["run"] = (args, env = {}) =>
    runTerraform(tools.terraform, { args, folder, env: { ...fixed, ...options.env, ...env } });
  return {
    folder,
    run,
    init: async () => void mustWork("init", await run(["init", "-input=false", "-no-color"])),
    plan: (environment, vars = {}) => planAndShow({ run, base }, environment, vars),
    close: () => rm(base, { recursive: true, force: true }),
  };
}

// What a run of the operator's own left behind is none of the configuration.
const isSource = (path: string) =>
  !/\/(\.terraform|\.terraform\.lock\.hcl|backend\.tf|bootstrap\.auto\.tfvars\.json|.*\.tfstate.*)$/.test(path);

function cliConfig({ mirror }: Tools, mirrors: readonly string[]): string {
  const folders = [...mirrors, ...(mirror === undefined ? [] : [mirror])];
  const methods = folders.map((path) => `  filesystem_mirror {\n    path = "${path}"\n  }\n`);
  if (mirror === undefined) methods.push("  direct {}\n");
  return `provider_installation {\n${methods.join("")}}\n`;
}

/** The workspace an environment lives in. */
export const workspaceOf = (environment: string): string => (environment === "prod" ? "default" : environment);

async function planAndShow(
  { run, base }: { run: Workspace["run"]; base: string },
  environment: string,
  vars: Readonly<Record<string, string>>,
): Promise<ShownPlan> {
  await mkdir(join(base, "plans"), { recursive: true });
  const file = join(
    base,
    "plans",
    `${environment}-${Object.values(vars)
      .join("-")
      .replaceAll(/[^a-z0-9]/gi, "_")}.plan`,
  );
  const env = { TF_WORKSPACE: workspaceOf(environment) };
  const given = Object.entries(vars).map(([name, value]) => `-var=${name}=${value}`);
  const args = [
    "plan",
    "-input=false",
    "-no-color",
    "-refresh=false",
    "-lock=false",
    `-var-file=envs/${environment}.tfvars`,
  ];
  mustWork(`plan of ${environment}`, await run([...args, ...given, `-out=${file}`], env));
  return JSON.parse(mustWork("show", await run(["show", "-json", file], env)).stdout) as ShownPlan;
}

function mustWork(what: string, ran: Ran): Ran {
  if (ran.code === 0) return ran;
  throw new ConfigurationError(`terraform ${what} failed`, {
    code: "terraform.failed",
    why: ran.stderr.trim() || ran.stdout.trim().slice(-2000),
    fix: "correct what it names, then run the same command again",
  });
}

function runTerraform(
  terraform: string,
  { args, folder, env }: { args: readonly string[]; folder: string; env: Readonly<Record<string, string>> },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const settings = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: SHOWN_PLAN_BYTES };
    execFile(terraform, [...args], settings, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
