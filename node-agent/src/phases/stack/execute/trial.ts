import { AgentError, ConfigurationError, EngineGone, TemporaryError } from "../../../base/errors.ts";
import type { ContainerBody, ContainerSpec } from "../../../core/stack/compose/container-body.ts";
import { plainTrialBody, programPlaces, TRIAL_PROGRAM, trialBody } from "../../../core/stack/compose/trial-body.ts";
import type { Engine } from "../../../core/stack/engine.ts";
import type { World } from "../../../world.ts";
import { oneOffLabels, removeLeftovers } from "./one-off.ts";

/**
 * Whether the engine can start such a container, found out without running anything: users, kernel settings, limits,
 * mounts and the program are judged by the engine at a start alone, and by then the old container would be gone.
 */
export async function tryContainer(world: World, project: string, spec: ContainerSpec): Promise<void> {
  await removeLeftovers(world, project, jobOf(spec));
  const refusal = await refusalOf(world, spec, trialBody(spec.body), (id) => missingProgram(world, spec, id));
  const fault = refusal === undefined ? "passing" : await faultOf(world, spec, refusal);
  if (fault !== "passing") throw fault;
}

/**
 * Why a start failed: by a fault of the release, where the engine refuses what the file says each time and can start the
 * image without it, or by the engine's own. `passing`: it was refused once only (a busy engine, a network just going).
 */
export async function faultOf(world: World, spec: ContainerSpec, refusal: AgentError): Promise<AgentError | "passing"> {
  if (!(refusal instanceof TemporaryError) || refusal instanceof EngineGone) return refusal;
  if ((await refusalOf(world, spec, trialBody(spec.body))) === undefined) return "passing";
  const { platform: _asked, ...plain } = spec;
  if ((await refusalOf(world, plain, plainTrialBody(spec.body))) !== undefined) return refusal;
  return new ConfigurationError(refusal.message, {
    code: "engine.refused",
    why: refusal.why,
    fix: "correct the Compose file of the release, publish it, then boot again",
    cause: refusal,
  });
}

const jobOf = ({ service }: ContainerSpec): string => `trial of ${service}`;

/** What the engine says against a container, but for the program it does not have; some of it at its making already. */
async function refusalOf(
  { engine }: World,
  spec: ContainerSpec,
  body: ContainerBody,
  look: (container: string) => Promise<AgentError | undefined> = async () => undefined,
): Promise<AgentError | undefined> {
  const Labels = oneOffLabels(body.Labels, jobOf(spec));
  let id: string | undefined;
  try {
    id = await engine.create(`${spec.name}-trial`, { ...body, Labels }, spec.platform);
    await startWithoutProgram(engine, id);
    return await look(id);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return error;
  } finally {
    if (id !== undefined) await engine.remove(id, { keepVolumes: false });
  }
}

async function startWithoutProgram(engine: Engine, id: string): Promise<void> {
  try {
    await engine.start(id);
  } catch (error) {
    if (!(error instanceof AgentError && error.why.includes(TRIAL_PROGRAM))) throw error;
  }
}

/** The one thing a trial cannot start: what the file has it run, looked for where the engine would. */
async function missingProgram({ engine }: World, { body }: ContainerSpec, id: string): Promise<AgentError | undefined> {
  const image = await engine.image(body.Image);
  const places = image === undefined ? [] : programPlaces(body, image);
  const found = await Promise.all(places.map((path) => engine.canRun(id, path)));
  if (places.length === 0 || found.includes(true)) return undefined;
  return new ConfigurationError("the container cannot start", {
    code: "engine.refused",
    why: `there is no program ${places.join(", nor ")}`,
    fix: "correct the command or entrypoint in the Compose file of the release, publish it, then boot again",
  });
}
