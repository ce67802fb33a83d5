import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AwsAccount } from "../../scripts/fleet/aws.ts";
import { openWorkspace, type Ran, type Workspace } from "../../scripts/fleet/terraform.ts";
import { openStandIn, type StandIn } from "../aws/stand-in.ts";
import { requireTools } from "./fleet.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** terraform/ beside an AWS API of this test's own. */
export interface MotoFleet {
  readonly standIn: StandIn;
  readonly workspace: Workspace;
  readonly account: AwsAccount;
  /** Runs scripts/bootstrap.sh and gives what it printed. */
  bootstrap(): Promise<string>;
  /** Runs a terraform command that asks for approval, and gives it. */
  answered(args: readonly string[], workspace?: string): Promise<Ran>;
  /** Runs `./greenleaf`, whatever its exit code. */
  greenleaf(args: readonly string[], path?: string): Promise<Ran>;
  close(): Promise<void>;
}

export async function openMotoFleet(moto: string): Promise<MotoFleet> {
  const standIn = await openStandIn(moto);
  const env = {
    AWS_ACCESS_KEY_ID: "AKIA-test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL: standIn.url,
    NO_PROXY: "127.0.0.1,localhost",
  };
  const workspace = await openWorkspace(requireTools(), { env });
  return {
    standIn,
    workspace,
    account: {
      region: "eu-west-3",
      endpoint: standIn.url,
      credentials: { accessKeyId: "AKIA-test", secretAccessKey: "test" },
    },
    bootstrap: async () => {
      const args = ["--terraform", workspace.folder];
      return (await run(join(ROOT, "scripts/bootstrap.sh"), args, { env: { ...process.env, ...env } })).stdout;
    },
    answered: (args, name) => approved(workspace, name === undefined ? env : { ...env, TF_WORKSPACE: name }, args),
    greenleaf: (args, path) => command(args, path === undefined ? env : { ...env, PATH: path }),
    close: async () => {
      await workspace.close();
      await standIn.close();
    },
  };
}

async function command(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const settings = { env: { ...process.env, ...env } };
  return run(join(ROOT, "greenleaf"), [...args], settings).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ran) => ({ code, stdout, stderr }),
  );
}

function approved(workspace: Workspace, env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const settings = {
      TF_CLI_CONFIG_FILE: join(workspace.folder, "../terraform.rc"),
      TF_DATA_DIR: join(workspace.folder, "../data"),
      CHECKPOINT_DISABLE: "1",
    };
    const child = spawn(requireTools().terraform, [args[0] ?? "", "-no-color", ...args.slice(1)], {
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
