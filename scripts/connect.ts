import { spawn } from "node:child_process";
import { ConfigurationError, EXIT, type ExitCode, UsageError } from "../node-agent/src/base/errors.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { nodes } from "./fleet/nodes.ts";

const INSTANCE = /^i-[0-9a-f]{8,17}$/;

/** `./greenleaf connect INSTANCE`: a shell on a node through Session Manager; no key, no open port. */
export async function connect([instance = ""]: readonly string[]): Promise<number> {
  if (!INSTANCE.test(instance)) throw badInstance(instance);
  const account = await accountFromEnvironment();
  const node = (await nodes(account)).find(({ id }) => id === instance);
  if (!node) {
    throw new UsageError(`connect: ${instance} is no node of GreenLeaf's in ${account.region}`, {
      code: "usage.instance",
      why: "no running instance carries this id and the tag Project=greenleaf",
      fix: "./greenleaf fleet status lists them",
    });
  }
  return session([
    "ssm",
    "start-session",
    "--region",
    account.region,
    "--target",
    instance,
    "--document-name",
    `greenleaf-${node.environment}-session`,
  ]);
}

// The AWS CLI and its session plugin speak the terminal's protocol; nothing is gained by doing that again.
function session(args: readonly string[]): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn("aws", args, { stdio: "inherit" });
    child.on("error", () => reject(noCli()));
    child.on("close", (code) => resolve(code === 0 ? EXIT.ready : EXIT.temporary));
  });
}

function badInstance(instance: string): UsageError {
  return new UsageError(`connect: "${instance}" is not one instance id`, {
    code: "usage.instance",
    why: "a session has one target, such as i-0123456789abcdef0",
    fix: "./greenleaf fleet status lists them",
  });
}

function noCli(): ConfigurationError {
  return new ConfigurationError("connect: the AWS command line is missing", {
    code: "aws.cli-missing",
    why: "aws and session-manager-plugin open the session",
    fix: "install awscli and the session-manager-plugin, then run the same command again",
  });
}
