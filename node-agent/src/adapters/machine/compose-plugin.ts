import { stat } from "node:fs/promises";
import { absentAs } from "../../base/durable.ts";
import { ConfigurationError, DeadlineError, TemporaryError } from "../../base/errors.ts";
import { exec, type Output } from "../../base/exec.ts";
import { PLUGIN_FOLDERS } from "../../core/stack/compose/plugin/plugin-folders.ts";
import type { Question } from "../../core/stack/compose/plugin/question.ts";

/** The Compose plugin's program, which reads Compose files. It needs no engine. */
export interface ComposePlugin {
  /** The program and what tells its version from another without running it; undefined where there is none. */
  find(): Promise<{ readonly program: string; readonly identity: string } | undefined>;
  /** The canonical model of a file as JSON, or what Compose has against it. */
  ask(program: string, question: Question): Promise<Reading>;
}

export type Reading = { readonly answer: string } | { readonly refusal: string };

export interface Limits {
  readonly withinMs: number;
  readonly cpuSeconds: number;
  /** Of memory the program may have for its data. */
  readonly dataBytes: number;
  /** Of what it may print. */
  readonly outputBytes: number;
}

/** A large real file takes 0.1 s and 50 MB. */
const LIMITS: Limits = { withinMs: 60_000, cpuSeconds: 10, dataBytes: 1_073_741_824, outputBytes: 8_388_608 };
const LIMITER = "/usr/bin/prlimit";

export const composePlugin = (folders: readonly string[] = PLUGIN_FOLDERS, limits: Limits = LIMITS): ComposePlugin => ({
  find: () => find(folders),
  ask: async (program, question) => readingOf(await run(program, question, limits), limits),
});

async function find(folders: readonly string[]): ReturnType<ComposePlugin["find"]> {
  for (const folder of folders) {
    const program = `${folder}/docker-compose`;
    const found = await absentAs(undefined, () => stat(program));
    // Packages and archives give every version another size and time.
    if (found?.isFile() === true) return { program, identity: `${program} ${found.size} ${found.mtimeMs}` };
  }
  return undefined;
}

/** Nothing of this process's environment reaches it: Compose acts on HOME, PWD and dozens of COMPOSE_ and DOCKER_ names. */
async function run(program: string, question: Question, limits: Limits): Promise<Output> {
  const { withinMs, cpuSeconds, dataBytes, outputBytes } = limits;
  const limited = [`--cpu=${cpuSeconds}`, `--data=${dataBytes}`, "--core=0", program];
  const sealed = { env: question.variables, isSealed: true, cwd: "/" };
  const options = { ...sealed, input: question.input, timeoutMs: withinMs, maxBytes: outputBytes, accept: ANY_CODE };
  try {
    return await exec([LIMITER, ...limited, ...argumentsOf(question)], options);
  } catch (error) {
    if (error instanceof DeadlineError || !(error instanceof TemporaryError)) throw error;
    throw notRun(error);
  }
}

/** Every code is an answer, and -1 stands for a signal. */
const ANY_CODE = Array.from({ length: 257 }, (_, index) => index - 1);

function argumentsOf({ folder, project, profiles }: Question): string[] {
  const named = project === undefined ? [] : ["--project-name", project];
  const active = profiles.flatMap((profile) => ["--profile", profile]);
  const from = ["--project-directory", folder, "--env-file", "/dev/null", "--file", "-"];
  return [...named, ...from, ...active, "config", "--format", "json"];
}

function readingOf({ code, stdout, stderr }: Output, { cpuSeconds, dataBytes }: Limits): Reading {
  if (code === 0) return { answer: stdout };
  if (code === -1) throw overLimits(`it was ended: ${cpuSeconds} s of work are the most it gets`);
  // The Go runtime's own word when it gets no more memory.
  if (code === 2 && /^(fatal error|runtime): /m.test(stderr)) {
    throw overLimits(`it needs more than ${dataBytes} bytes of memory`);
  }
  return { refusal: stderr };
}

function overLimits(why: string): ConfigurationError {
  return new ConfigurationError("stack: the Compose file is too much for Compose", {
    code: "compose.size",
    why,
    fix: "make it smaller: anchors that refer to anchors multiply",
  });
}

function notRun(cause: TemporaryError): ConfigurationError {
  return new ConfigurationError("stack: Compose could not read the file", {
    code: "compose.plugin",
    why: `${cause.message}: ${cause.why}`,
    fix: "make the file smaller, or install what reads it: util-linux and greenleaf-agent install --only compose",
    cause,
  });
}
