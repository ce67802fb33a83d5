import { stackOf } from "../../core/stack/compose/load-stack.ts";
import { modelOf, refusalsOf } from "../../core/stack/compose/plugin/answer.ts";
import { Pruned } from "../../core/stack/compose/plugin/prune.ts";
import { questionAbout, type StackFile } from "../../core/stack/compose/plugin/question.ts";
import type { Path, Problem } from "../../core/stack/compose/problems.ts";
import type { Plain } from "../../core/stack/compose/read/plain.ts";
import type { World } from "../../world.ts";

interface Asked {
  readonly program: string;
  readonly file: StackFile;
  readonly redact: (text: string) => string;
}

/** How often Compose is asked about one file that it refuses. */
const MOST = 20;

/**
 * Every problem of a file that is refused: Compose names one at a time, so it is asked again without what was refused
 * already, until it takes the rest.
 */
export async function allProblems(
  world: World,
  asked: Asked,
  { value, first }: { value: Plain; first: readonly Problem[] },
): Promise<Problem[]> {
  const left = new Pruned(value);
  const problems = [...first];
  let isNew = [...first].filter(({ path }) => left.take(path)).length === first.length;
  for (let round = 0; isNew && round < MOST; round += 1) {
    const found = await problemsOfRest(world, asked, left);
    const more = found.problems.filter((problem) => isOwn(problem) && !isTold(problem.path, problems));
    problems.push(...more);
    isNew = !found.isTaken && more.length > 0 && more.every(({ path }) => left.take(path));
  }
  return problems;
}

/** A service that lacks what was taken from it is no problem of the file. */
const isOwn = ({ path, message }: Problem): boolean => path.length > 2 || message.includes("must be");

const isTold = (path: Path, problems: readonly Problem[]): boolean =>
  problems.some((told) => told.path.length > 0 && told.path.every((part, index) => path[index] === part));

async function problemsOfRest(
  world: World,
  { program, file, redact }: Asked,
  left: Pruned,
): Promise<{ problems: Problem[]; isTaken: boolean }> {
  const reading = await world.compose.ask(program, questionAbout(file, left.value));
  const original = (problem: Problem) => ({ ...problem, path: left.original(problem.path) });
  if ("refusal" in reading) {
    return { problems: refusalsOf(redact(reading.refusal), left.value).map(original), isTaken: false };
  }
  const model = modelOf(reading.answer);
  const problems = model === undefined ? [] : stackOf(model, file).problems;
  return { problems: problems.map(original), isTaken: true };
}
