import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorkspace, type Ran, type Workspace } from "../../scripts/fleet/terraform.ts";
import { startMoto } from "../aws/moto.ts";
import { openStandIn, type StandIn } from "../aws/stand-in.ts";
import { changes, matches } from "./changes.ts";
import { missing, requireTools } from "./fleet.ts";

const ROOT = join(import.meta.dirname, "../..");
const moto = missing === undefined ? await startMoto() : { missing };
const why = "missing" in moto ? moto.missing : undefined;
const run = promisify(execFile);

interface Excused {
  readonly address: string;
  readonly attribute: string;
  readonly reason: string;
}

describe.skipIf(why !== undefined)(
  `the fleet applied by the real provider${why === undefined ? "" : ` (skipped: ${why})`}`,
  () => {
    let standIn: StandIn;
    let workspace: Workspace;
    let env: Record<string, string>;
    let dev: Promise<Ran>;

    beforeAll(async () => {
      if (!("url" in moto)) throw new Error(why);
      standIn = await openStandIn(moto.url);
      env = {
        AWS_ACCESS_KEY_ID: "AKIA-test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_ENDPOINT_URL: standIn.url,
        NO_PROXY: "127.0.0.1,localhost",
      };
      workspace = await openWorkspace(requireTools(), { env });
    });

    afterAll(async () => {
      await dev?.catch(() => undefined);
      await workspace?.close();
      await standIn?.close();
      if ("stop" in moto) await moto.stop();
    });

    const bootstrap = async () => {
      const program = join(ROOT, "scripts/bootstrap.sh");
      return (await run(program, ["--terraform", workspace.folder], { env: { ...process.env, ...env } })).stdout;
    };

    test("bootstrap makes what is missing, then finds nothing to do", async () => {
      expect(await bootstrap()).toContain("next: cd terraform && terraform init");
      expect(await bootstrap()).toContain("nothing to do");
      expect(await bootstrap()).toContain("nothing to do");
    });

    test("the guide's sequence for prod, word for word: init, plan, apply", async () => {
      expect(await workspace.run(["init"])).toMatchObject({ code: 0 });
      expect(await workspace.run(["plan", "-var-file=envs/prod.tfvars"])).toMatchObject({ code: 0 });
      const applied = await answered(workspace, env, ["apply", "-var-file=envs/prod.tfvars"]);
      expect([applied.code, applied.stderr]).toEqual([0, ""]);
    });

    test("dev follows in its own workspace while prod is looked at again", async () => {
      const made = await workspace.run(["workspace", "new", "dev"]);
      expect(made.code).toBe(0);
      expect(await workspace.run(["workspace", "select", "default"])).toMatchObject({ code: 0 });
      dev = answered(workspace, { ...env, TF_WORKSPACE: "dev" }, ["apply", "-var-file=envs/dev.tfvars"]);
    });

    test("a second plan differs only where moto forgets, and every excuse is still needed", async () => {
      const plan = await workspace.run(["plan", "-input=false", "-var-file=envs/prod.tfvars", "-out=second.plan"]);
      expect([plan.code, plan.stderr]).toEqual([0, ""]);
      const found = changes(JSON.parse((await workspace.run(["show", "-json", "second.plan"])).stdout));
      const excused = JSON.parse(await readFile(join(import.meta.dirname, "second-plan.json"), "utf8")) as Excused[];
      const covers = (excuse: Excused, { address, attribute }: { address: string; attribute: string }) =>
        excuse.attribute === attribute && matches(excuse.address, address);
      expect(found.filter((change) => !excused.some((excuse) => covers(excuse, change)))).toEqual([]);
      expect(excused.filter((excuse) => !found.some((change) => covers(excuse, change)))).toEqual([]);
    });

    test("no password is in the state", async () => {
      const { stdout } = await workspace.run(["state", "pull"]);
      const seen = await Promise.all(
        ["db", "redis", "backend", "admin"].map((name) => secretValues(env, `greenleaf/prod/${name}`)),
      );
      expect(seen.flat().length).toBeGreaterThanOrEqual(5);
      for (const value of seen.flat()) expect(stdout.includes(value)).toBe(false);
    });

    test("of two who write at once one wins, and the other is told who holds the lock", async () => {
      const plan = () =>
        workspace.run([
          "apply",
          "-refresh=false",
          "-input=false",
          "-auto-approve",
          "-lock-timeout=0s",
          "-target=module.secrets.aws_kms_alias.this",
          "-var-file=envs/prod.tfvars",
        ]);
      const both = await Promise.all([plan(), plan()]);
      expect(both.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 1]);
      expect(both.find(({ code }) => code === 1)?.stderr).toMatch(/Error acquiring the state lock[\s\S]*Who:/);
    });

    test("a destroy of prod with another environment's variables is refused before anything is read", async () => {
      const ran = await workspace.run(["destroy", "-auto-approve", "-input=false", "-var-file=envs/dev.tfvars"]);
      expect(ran.code).toBe(1);
      expect(ran.stderr.replaceAll(/[\s│]+/g, " ")).toContain("terraform workspace select dev");
    });

    test("the guide's sequence for dev ends well", async () => {
      const { code, stderr } = await dev;
      expect([code, stderr]).toEqual([0, ""]);
    });

    test("fleet status reads the fleet back from the same AWS", async () => {
      const { stdout } = await run(join(ROOT, "greenleaf"), ["fleet", "status", "--json"], {
        env: { ...process.env, ...env },
      }).catch((ended: { stdout: string }) => ended);
      const { nodes } = JSON.parse(stdout) as { nodes: ReadonlyArray<{ environment: string; role: string }> };
      const count = (environment: string, role: string) =>
        nodes.filter((node) => node.environment === environment && node.role === role).length;
      expect([count("prod", "app"), count("prod", "router"), count("dev", "router")]).toEqual([2, 2, 1]);
    });
  },
);

/** Runs a command that asks for approval, and gives it. */
function answered(workspace: Workspace, env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const tool = requireTools().terraform;
    const settings = {
      TF_CLI_CONFIG_FILE: join(workspace.folder, "../terraform.rc"),
      TF_DATA_DIR: join(workspace.folder, "../data"),
      CHECKPOINT_DISABLE: "1",
    };
    const child = spawn(tool, [args[0] ?? "", "-no-color", ...args.slice(1)], {
      cwd: workspace.folder,
      env: { ...process.env, ...settings, ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.end("yes\n");
    child.on("error", reject).on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

async function secretValues(env: Readonly<Record<string, string>>, id: string): Promise<readonly string[]> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SecretsManagerClient({ region: "eu-west-3", endpoint: env.AWS_ENDPOINT_URL ?? "", credentials });
  const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: id }));
  return Object.values(JSON.parse(SecretString) as Record<string, string>).filter((value) => value.length > 20);
}
