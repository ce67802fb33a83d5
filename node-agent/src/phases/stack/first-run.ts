import { ConfigurationError } from "../../base/errors.ts";
import { DATABASE_CA_PATH } from "../../base/paths.ts";
import { until } from "../../base/wait.ts";
import { type DatabaseAddress, databaseAddress } from "../../core/config/database-address.ts";
import type { Environment } from "../../core/stack/compose/env/environment.ts";
import type { Service, Stack } from "../../core/stack/compose/stack.ts";
import { type FirstRunResult, jobStack, readFirstRun, readJobLine } from "../../core/stack/first-run.ts";
import { ask, newBudget } from "../boot/aws.ts";
import { renderEnvironment } from "../boot/render.ts";
import { applyOperations, type Boot, type Operation, type Phase } from "../phase.ts";
import type { Fetched, Identified, Released } from "../stages.ts";
import { releaseInput } from "./release-input.ts";
import { runJob } from "./run-job.ts";
import { type StackSource, withEnvironments } from "./stack-input.ts";

const PARAMETER = "shop/publishable_key";
const VALUE = `ssm ${PARAMETER}`;
const DATABASE_WITHIN_MS = 30_000;
const DATABASE_ATTEMPT_MS = 5_000;
const ROUTINE_EVERY_MS = 2_000;

type Known = Identified & Released & Fetched;

/** Migrates the database and makes what every shop needs, once for a database and set of migrations, before the stack. */
export const firstRun: Phase<Known> = {
  name: "first-run",
  async run(boot) {
    const input = releaseInput(boot);
    const stack = boot.composed;
    const backend = backendOf(boot, stack);
    const source = await withEnvironments(boot.world, jobStack(stack, backend), input);
    const why = await reasonToRun(boot, environmentOf(source));
    if (why === undefined) return "the database is up to date";
    const job: Operation = { name: "run job first-run", why };
    await applyOperations(boot, "first-run", [job], async () => keep(boot, await run(boot, source)));
    return undefined;
  },
};

function backendOf(boot: Released, stack: Stack): Service {
  const image = boot.release.images.backend;
  const backend = stack.services.find((service) => service.image === image);
  if (backend) return backend;
  throw new ConfigurationError("first-run: no service of the stack runs the release's backend image", {
    code: "first-run.backend",
    why: "the job that migrates the database is part of that image",
    fix: "name it in the Compose file: image: ${GREENLEAF_IMAGE_BACKEND}",
  });
}

const environmentOf = ({ environments }: StackSource): Environment => [...environments.values()][0] ?? new Map();

async function reasonToRun(boot: Boot & Known, environment: Environment): Promise<string | undefined> {
  const { migrations } = boot.release;
  const address = await addressOf(boot, environment);
  const wait = {
    what: `PostgreSQL at ${address.host}:${address.port}`,
    withinMs: DATABASE_WITHIN_MS,
    everyMs: 250,
    growth: 1.5,
    fix: "check the database and the network to it, then boot again",
  };
  const { clock, database } = boot.world;
  const recorded = await until(clock, wait, () => database.records(migrations, address, DATABASE_ATTEMPT_MS));
  // The job does nothing that is done already.
  if (recorded === "unverified") return `no CA of the agent's vouches for the database (${DATABASE_CA_PATH})`;
  if (!recorded) return `the database does not record migrations ${migrations.slice(0, 12)}`;
  const isKnown = boot.values === undefined || boot.values.has(VALUE);
  return isKnown ? undefined : `${PARAMETER} is missing`;
}

async function addressOf(boot: Boot & Identified, environment: Environment): Promise<DatabaseAddress> {
  const address = databaseAddress(environment, boot.node.document.endpoints?.database);
  if (address.ca !== "") return address;
  return { ...address, ca: (await boot.world.files.read(DATABASE_CA_PATH)) ?? "" };
}

async function run(boot: Boot & Known, source: StackSource): Promise<FirstRunResult> {
  const environment = new Map([...environmentOf(source), ["RELEASE_MIGRATIONS", boot.release.migrations]]);
  const { redact } = boot;
  const progress = paced(boot, (message) =>
    boot.log.emit({ kind: "progress", phase: "first-run", message: redact(message) }),
  );
  return readFirstRun(await runJob(boot.world, { stack: source.stack, environment, progress, redact }));
}

/** Tells every line that matters, and of the routine ones enough to see that the job moves. */
function paced({ world: { clock } }: Boot, tell: (message: string) => void): (line: string) => void {
  let next = 0;
  return (line) => {
    const { text, isRoutine } = readJobLine(line);
    if (isRoutine && clock.now() < next) return;
    if (isRoutine) next = clock.now() + ROUTINE_EVERY_MS;
    tell(text);
  };
}

/** The templates need what the job made: it goes to the parameters, and into this boot's values. */
async function keep(boot: Boot & Known, { publishableKey }: FirstRunResult): Promise<void> {
  if (boot.values === undefined || boot.values.get(VALUE) === publishableKey) return;
  const name = `${boot.node.document.parameters}/${PARAMETER}`;
  const put: Operation = { name: `write parameter ${name}`, why: "the first run made it" };
  await applyOperations(boot, "first-run", [put], async () => {
    const what = { what: `writing ${name}`, budget: newBudget(boot.world, boot.awsBudgetMs) };
    await ask(boot.world, what, (timeoutMs) => boot.aws.parameters.put(name, publishableKey, timeoutMs));
  });
  await renderEnvironment(boot, new Map([[VALUE, publishableKey]]));
}
