import {
  AgentError,
  ConfigurationError,
  EngineGone,
  LaterError,
  PermissionError,
  TemporaryError,
} from "../../base/errors.ts";
import { ENGINE_FOLDER } from "../../base/paths.ts";
import { done, type ProbeResult, pending, until } from "../../base/wait.ts";
import { judgePull } from "../../core/stack/pull-failure.ts";
import { admitImages } from "../images/admission.ts";
import { type Logins, openLogins } from "../images/logins.ts";
import { applyOperations, type Boot, type Phase } from "../phase.ts";
import type { Identified, Released } from "../stages.ts";
import { removeOldImages } from "./old-images.ts";

/** Milliseconds an image may be asked for again and again; what comes in at last may take longer, but not for ever. */
const WITHIN_MS = 180_000;
const COMING_IN_MS = 240_000;

/** Brings the release's images to this machine, all at once, before anything that runs is touched. */
export const pull: Phase<Identified & Released> = {
  name: "pull",
  async run(boot) {
    // A plan names the pulls where it names what needs them.
    if (boot.mode === "plan") return "left to the stack's plan";
    await removeOldImages(boot);
    const wanted = [...new Set(Object.values(boot.release.images))].filter((image) => image.includes("@"));
    const present = await Promise.all(wanted.map((image) => boot.world.engine.image(image)));
    const missing = wanted.filter((_image, index) => present[index] === undefined);
    const logins = openLogins(boot);
    await admitImages(boot, missing, logins);
    const pulls: Array<Promise<unknown>> = [];
    const operations = missing.map((image) => ({ name: `pull image ${image}`, why: "not on this machine", image }));
    await applyOperations(boot, "pull", operations, async ({ image }) => {
      pulls.push(pullImage(boot, image, logins).catch((error: unknown) => error));
    });
    const failures = (await Promise.all(pulls)).filter((outcome) => outcome instanceof Error);
    if (failures.length > 0) throw worst(failures);
    return missing.length === 0 ? "every image is on this machine" : undefined;
  },
};

async function pullImage(boot: Boot, image: string, logins: Logins): Promise<void> {
  const { world } = boot;
  const wait = {
    what: `image ${image}`,
    withinMs: WITHIN_MS,
    graceMs: COMING_IN_MS,
    everyMs: 500,
    growth: 2,
    maxMs: 15_000,
    random: () => 0.5 + world.random() / 2,
    fix: "check the registry and the network to it, then boot again; what ran before goes on",
  };
  await until(world.clock, wait, () => attempt(boot, image, logins));
}

async function attempt({ world, log }: Boot, image: string, logins: Logins): Promise<ProbeResult<void>> {
  const auth = await logins.of(image);
  const progress = (message: string) => log.emit({ kind: "progress", phase: "pull", message });
  try {
    await world.engine.pull(image, { progress, ...(auth === undefined ? {} : { auth }) });
    return done(undefined);
  } catch (error) {
    if (error instanceof EngineGone) return pending(error.why);
    if (!(error instanceof TemporaryError)) throw error;
    progress(`${image}: ${error.why}`);
    return judged(error, image, () => logins.refused(image, auth));
  }
}

function judged(error: TemporaryError, image: string, mayLogInAgain: () => boolean): ProbeResult<never> {
  const { why } = error;
  switch (judgePull(why)) {
    case "retry":
      return pending(why);
    case "login":
      if (mayLogInAgain()) return pending(why);
      throw refused(image, why);
    case "denied":
      throw refused(image, why);
    case "missing":
      throw new ConfigurationError(`pull: there is no image ${image}`, {
        code: "pull.missing",
        why,
        fix: "publish the release again (./greenleaf release), or deploy another; what ran before goes on",
      });
    case "platform":
      throw new ConfigurationError(`pull: image ${image} is not made for this machine`, {
        code: "pull.platform",
        why,
        fix: "build and publish the release for this processor, or start a node of another type; what ran before goes on",
      });
    case "full":
      throw new LaterError(`pull: no room for image ${image}`, {
        code: "pull.no-room",
        why,
        fix: `free space below ${ENGINE_FOLDER} (docker image prune), then boot again; what ran before goes on`,
      });
  }
}

function refused(image: string, why: string): PermissionError {
  return new PermissionError(`pull: the registry refuses image ${image}`, {
    code: "pull.denied",
    why,
    fix: "allow ecr:GetAuthorizationToken and ecr:BatchGetImage in the instance's role; other registries must be open",
  });
}

/** What cannot be fixed comes before what a retry may fix. */
function worst(failures: readonly Error[]): Error {
  const terminal = failures.find((error) => !(error instanceof TemporaryError));
  const first = terminal ?? (failures[0] as Error);
  if (failures.length === 1 || !(first instanceof AgentError)) return first;
  return Object.assign(first, { problems: failures.filter((error) => error !== first).map(({ message }) => message) });
}
