import { AgentError, ConfigurationError, UnhealthyError } from "../../base/errors.ts";
import type { Redact } from "../../core/config/redact.ts";
import { type ContainerSpec, containerSpec } from "../../core/stack/compose/container-body.ts";
import type { Environment } from "../../core/stack/compose/env/environment.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import type { Observed } from "../../core/stack/observed.ts";
import { planStack } from "../../core/stack/plan/plan.ts";
import { unmetPreconditions } from "../../core/stack/preconditions.ts";
import type { World } from "../../world.ts";
import { act } from "./execute/execute-plan.ts";
import { oneOffLabels, removeLeftovers } from "./execute/one-off.ts";
import { faultOf } from "./execute/trial.ts";
import { observeStack } from "./observe.ts";

export interface Job {
  /** One service: the job. */
  readonly stack: Stack;
  readonly environment: Environment;
  /** Gets the job's stderr line by line. */
  readonly progress: (message: string) => void;
  readonly redact: Redact;
}

/** Runs a one-off container to its end and removes it; gives its stdout. */
export async function runJob(world: World, job: Job): Promise<string> {
  const { engine } = world;
  const [service] = job.stack.services;
  if (!service) throw new Error("a job is a stack of one service");
  const observed = await observeStack(world, job.stack);
  const problems = unmetPreconditions(job.stack, observed);
  if (problems.length > 0) throw unmet(service.name, problems);
  await removeLeftovers(world, job.stack.project, service.name);
  await prepare(world, job, observed);
  const imageId = (await engine.image(service.image))?.id;
  const spec = containerSpec(job.stack, service, { imageId, environment: job.environment, digest: world.digest });
  const Labels = oneOffLabels(spec.body.Labels, service.name);
  const name = jobName(job.stack, service.name);
  // A terminal would mix what it says with what it answers.
  const body = { ...spec.body, Tty: false, OpenStdin: false, Labels };
  await engine.create(name, body, spec.platform);
  try {
    for (const [network, endpoint] of spec.connections) await engine.connect(network, name, endpoint);
    return await follow(world, job, name);
  } catch (error) {
    throw await judged(world, spec, error);
  } finally {
    await engine.remove(name, { keepVolumes: false });
  }
}

/** A container that the engine does not start by what the file says of it is no fault of the engine's. */
async function judged(world: World, spec: ContainerSpec, error: unknown): Promise<unknown> {
  if (!(error instanceof AgentError)) return error;
  const fault = await faultOf(world, spec, error);
  return fault === "passing" ? error : fault;
}

const jobName = (stack: Stack, service: string): string => `${stack.project}-${service}-run`;

// Networks, volumes and the image: what the plan of the job's stack begins with.
async function prepare(world: World, { stack, environment, progress }: Job, observed: Observed): Promise<void> {
  const specs = new Map(
    stack.services.map((service) => {
      const imageId = observed.images.get(service.image);
      return [service.name, containerSpec(stack, service, { imageId, environment, digest: world.digest })];
    }),
  );
  const { operations } = planStack({ stack, specs }, { ...observed, containers: [] });
  const isNeeded = ({ kind: verb }: { kind: string }) =>
    ["create network", "create volume", "pull image"].includes(verb);
  const actions = operations.map(({ action }) => action).filter(isNeeded);
  await Promise.all(actions.map((action) => act({ world, stack, progress, ids: new Map() }, action)));
}

async function follow({ engine }: World, job: Job, container: string): Promise<string> {
  const last: string[] = [];
  const { exitCode, stdout } = await engine.run(container, (line) => {
    job.progress(line);
    last.push(job.redact(line));
    if (last.length > 20) last.shift();
  });
  if (exitCode === 0) return stdout;
  throw new UnhealthyError(`the job ${job.stack.services[0]?.name ?? ""} ended with code ${exitCode}`, {
    code: "first-run.failed",
    why: "its last lines:",
    fix: "correct the cause, then boot again: the job takes up where it stopped",
    problems: last.length > 0 ? last : ["it printed nothing"],
  });
}

function unmet(job: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`${job}: this machine cannot run the job`, {
    code: "stack.machine",
    why: "nothing was changed, why:",
    fix: "correct the release or make what is missing, then boot again",
    problems,
  });
}
