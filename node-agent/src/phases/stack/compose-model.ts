import { AgentError, ConfigurationError } from "../../base/errors.ts";
import { stackOf } from "../../core/stack/compose/load-stack.ts";
import { modelOf, refusalsOf, unseenIn } from "../../core/stack/compose/plugin/answer.ts";
import {
  fileOf,
  namedVariables,
  profilesOf,
  questionOf,
  type StackFile,
} from "../../core/stack/compose/plugin/question.ts";
import { refusal } from "../../core/stack/compose/problems.ts";
import type { PlainMap } from "../../core/stack/compose/read/plain.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import type { World } from "../../world.ts";
import { allProblems } from "./compose-problems.ts";

/** How a Compose file is read beside what it says. */
export interface Reader {
  /** Where Compose's last answer is kept, as the node names it; a plan reads it and does not write it. */
  readonly kept?: { readonly path: string; readonly isWritten: boolean };
  /** Takes secrets out of what Compose says. */
  readonly redact: (text: string) => string;
  /** Told of what is no fault but may not be what was meant. */
  readonly remark: (text: string) => void;
}

/** Raised when the question changes its form: an answer to the old one is no answer any more. */
const FORM = 1;

/** What Compose said of a file. Holds no value of an env file: Compose never read one. */
interface KeptAnswer {
  readonly version: 1;
  /** SHA-256 of all that went in, but for the plugin. */
  readonly question: string;
  readonly plugin: string;
  readonly remarks: readonly string[];
  /** The canonical model as JSON, and its SHA-256: a file that was cut or changed is no answer. */
  readonly model: string;
  readonly sha256: string;
}

/** Reads a Compose file by Compose; an answer to the same question, by the same plugin, is taken as it was kept. */
export async function loadStack(world: World, file: StackFile, reader: Reader): Promise<Stack> {
  const question = world.digest(JSON.stringify([FORM, file.text, file.path, file.project, ...variablesOf(file)]));
  const plugin = await world.compose.find();
  const kept = await keptAnswer(world, reader);
  // An answer outlives the plugin that gave it.
  const isFresh = kept?.question === question && (plugin === undefined || plugin.identity === kept.plugin);
  if (isFresh) return used(file, kept, reader);
  if (plugin === undefined) throw noPlugin(file.path);
  const answer = {
    version: 1,
    question,
    plugin: plugin.identity,
    ...(await ask(world, { ...plugin, file }, reader)),
  } as const;
  const stack = await used(file, answer, reader);
  await keep(world, answer, reader);
  return stack;
}

const variablesOf = (file: StackFile) => [namedVariables(file), profilesOf(file.variables)];

async function used(file: StackFile, { model, remarks }: KeptAnswer, { remark }: Reader): Promise<Stack> {
  const { stack, problems } = stackOf(JSON.parse(model) as PlainMap, file);
  if (problems.length > 0) {
    // Places are looked up only for a file that is refused.
    const { readYaml } = await import("../../core/stack/compose/yaml-source.ts");
    throw refusal(file.path, problems, readYaml(file.text, fileOf(file.path)).locate);
  }
  for (const line of remarks) remark(line);
  return stack;
}

type Answer = Pick<KeptAnswer, "model" | "sha256" | "remarks">;

interface Asked {
  readonly program: string;
  readonly file: StackFile;
}

async function ask(world: World, { program, file }: Asked, { redact }: Reader): Promise<Answer> {
  const { checkSource, checkText } = await import("../../core/stack/compose/check/check-source.ts");
  const { readYaml } = await import("../../core/stack/compose/yaml-source.ts");
  const source = readYaml(file.text, fileOf(file.path));
  const unreadable = [...checkText(file.text, fileOf(file.path)), ...source.problems];
  if (unreadable.length > 0) throw refusal(file.path, unreadable, source.locate);
  const { problems, remarks } = checkSource(source.value, file.variables);
  const reading = problems.length > 0 ? undefined : await world.compose.ask(program, questionOf(file, source.value));
  if (reading === undefined || "refusal" in reading) {
    const first = reading === undefined ? problems : refusalsOf(redact(reading.refusal), source.value);
    const all = await allProblems(world, { program, file, redact }, { value: source.value, first });
    throw refusal(file.path, all, source.locate);
  }
  const model = modelOf(reading.answer);
  if (model === undefined) throw noModel(file.path);
  const unseen = unseenIn(model, source.value, file.variables);
  if (unseen.length > 0) throw refusal(file.path, unseen, source.locate);
  const text = JSON.stringify(model);
  const lines = remarks.map(({ path, message }) => `${source.locate(path)}: ${path.join(".")}: ${message}`);
  return { model: text, sha256: world.digest(text), remarks: lines };
}

async function keptAnswer({ files, digest }: World, { kept }: Reader): Promise<KeptAnswer | undefined> {
  if (kept === undefined) return undefined;
  try {
    const answer = JSON.parse((await files.read(kept.path)) ?? "null") as KeptAnswer | null;
    return answer?.version === 1 && digest(answer.model) === answer.sha256 ? answer : undefined;
  } catch (error) {
    // Cut short, or not to be read: the same as none.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof AgentError) return undefined;
    throw error;
  }
}

async function keep({ files }: World, answer: KeptAnswer, { kept, remark }: Reader): Promise<void> {
  if (kept?.isWritten !== true) return;
  try {
    await files.write(kept.path, `${JSON.stringify(answer)}\n`, { mode: 0o600 });
  } catch (error) {
    // The next boot asks again.
    if (!(error instanceof AgentError)) throw error;
    remark(`Compose's answer is not kept: ${error.why}`);
  }
}

function noPlugin(path: string): ConfigurationError {
  return new ConfigurationError(`stack: ${path} cannot be read without the Compose plugin`, {
    code: "stack.compose-plugin",
    why: "there is no docker-compose in any of the folders of Docker's plugins",
    fix: "install it: greenleaf-agent install --only compose",
  });
}

function noModel(path: string): ConfigurationError {
  return new ConfigurationError(`stack: Compose gave no model of ${path}`, {
    code: "stack.compose-model",
    why: "what it printed is not the JSON of docker compose config",
    fix: "install a Compose plugin of version 2: greenleaf-agent install --only compose",
  });
}
