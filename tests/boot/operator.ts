import { spawn } from "node:child_process";
import { join } from "node:path";

const LAUNCHER = join(import.meta.dirname, "../../scripts/greenleaf.ts");

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs ./greenleaf as an operator does, against an AWS API. */
export function operator(endpoint: string, args: readonly string[]): Promise<Ended> {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: "operator",
    AWS_SECRET_ACCESS_KEY: "operator",
    AWS_REGION: "eu-west-3",
    AWS_ENDPOINT_URL: endpoint,
    GREENLEAF_POLL_MS: "500",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env });
    const told = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => void (told[stream] += text));
    child.on("error", reject).on("close", (code) => resolve({ code: code ?? -1, ...told }));
  });
}

export async function expectDone(ending: Promise<Ended>): Promise<Ended> {
  const ended = await ending;
  if (ended.code !== 0) throw new Error(`it ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}
