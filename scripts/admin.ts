import { randomBytes } from "node:crypto";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { ConfigurationError, TemporaryError, UnavailableError, UsageError } from "../node-agent/src/base/errors.ts";
import { exec, type Output } from "../node-agent/src/base/exec.ts";
import { keepAdmin } from "./local/aws/credentials.ts";
import { forWorld } from "./local/for-world.ts";
import { worldOf } from "./local/options.ts";
import { serviceContainer } from "./local/service-container.ts";
import { type LocalWorld, optionsFor } from "./local/world.ts";

/** Longer is no password that somebody types. */
const MAX_PASSWORD = 1_024;

interface Given {
  readonly email: string | undefined;
  readonly password: string;
  /** Made here: it has to be shown. */
  readonly isMade: boolean;
}

/** `./greenleaf admin reset-password [EMAIL]`: for the keeper who can no longer log in. */
export async function admin(line: ParsedCommandLine): Promise<number> {
  const [action, email, ...more] = line.positionals;
  if (action !== "reset-password" || more.length > 0) {
    throw new UsageError(`admin: ${[action, ...more].filter(Boolean).join(" ") || "nothing"} is not known`, {
      code: "usage.admin",
      why: "it knows reset-password, and the address of at most one administrator",
      fix: "sudo ./greenleaf admin reset-password",
    });
  }
  const world = worldOf(line);
  const given: Given = { email, ...(await passwordFrom(process.stdin, process.stdout.isTTY)) };
  const whose = await forWorld(world, () => resetPassword(world, given));
  process.stdout.write(answerFor(whose, given));
  return 0;
}

/** Piped in, or made when there is a terminal to show it on: a log would keep it. */
export async function passwordFrom(
  input: AsyncIterable<Buffer | string> & { isTTY?: boolean },
  isTerminal: boolean,
): Promise<{ password: string; isMade: boolean }> {
  const typed = input.isTTY ? "" : await firstLine(input);
  if (typed !== "") return { password: typed, isMade: false };
  if (isTerminal) return { password: randomBytes(12).toString("base64url"), isMade: true };
  throw new UsageError("admin reset-password: there is no password", {
    code: "admin.password",
    why: "none came on standard input, and one that is made here is shown to a terminal only",
    fix: "run it in a terminal, or pipe the new password in",
  });
}

async function firstLine(input: AsyncIterable<Buffer | string>): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.length > MAX_PASSWORD) break;
  }
  return (text.split(/\r?\n/)[0] ?? "").slice(0, MAX_PASSWORD);
}

export function answerFor(whose: string, { password, isMade }: Given): string {
  return isMade ? `${whose} logs in with the password ${password}\n` : `${whose} logs in with the new password\n`;
}

async function resetPassword(world: LocalWorld, { email, password }: Given): Promise<string> {
  const backend = await backendOf(world);
  const command = ["node", "/app/src/entry.js", "reset-password", ...(email === undefined ? [] : [email])];
  const output = await exec(["docker", "exec", "--interactive", backend, ...command], {
    input: password,
    accept: [0, 64, 70, 75, 78],
  });
  const whose = resetOf(output);
  // `up` logs in with what it keeps of a local world, to see whether its plants are there.
  await keepAdmin(world.root, { email: whose, password });
  return whose;
}

async function backendOf(world: LocalWorld): Promise<string> {
  const id = await serviceContainer(world.project, "backend");
  if (id !== undefined) return id;
  throw new UnavailableError("admin: the backend does not run", {
    code: "admin.backend",
    why: `project "${world.project}" has no running container of the service backend`,
    fix: `sudo ./greenleaf up${optionsFor(world)}`,
  });
}

/** The backend's own words (what, why, fix), under the code it ended with. */
export function resetOf({ code, stdout, stderr }: Output): string {
  if (code === 0) return (JSON.parse(stdout) as { email: string }).email;
  const said = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(stderr)?.[1] ?? "look at the backend's log";
  const reason = { code: "admin.reset", why: said("why"), fix: said("fix") } as const;
  if (code === 64) throw new UsageError(said("error"), reason);
  if (code === 78) throw new ConfigurationError(said("error"), reason);
  throw new TemporaryError(said("error"), reason);
}
