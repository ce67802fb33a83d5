import { ConfigurationError, EngineGone } from "../../base/errors.ts";
import { done, pending, until } from "../../base/wait.ts";
import { isSince } from "../../core/stack/api-version.ts";
import type { World } from "../../world.ts";
import type { Phase } from "../phase.ts";
import { wallOffMetadata } from "../stack/metadata-wall.ts";
import type { Identified } from "../stages.ts";

/** Docker 20.10, the oldest engine the stack is made for. */
const OLDEST_API = "1.41";
const ENGINE_WITHIN_MS = 30_000;

/** Waits until the Docker engine answers, checks that it is new enough, and keeps containers from the metadata. */
export const engine: Phase<Identified> = {
  name: "engine",
  async run(boot) {
    const { version, api } = await awaitEngine(boot.world);
    if (!isSince(api, OLDEST_API)) throw tooOld(version, api);
    await wallOffMetadata(boot);
    return `Docker ${version}, API ${api}`;
  },
};

/** The engine may be starting at boot, or be restarted under us at any time. */
export function awaitEngine({ clock, engine }: World): Promise<{ version: string; api: string }> {
  const wait = {
    what: "the Docker engine",
    withinMs: ENGINE_WITHIN_MS,
    everyMs: 250,
    growth: 1.5,
    maxMs: 2_000,
    fix: "start it: systemctl start docker, or install it: greenleaf-agent install",
  };
  return until(clock, wait, async () => {
    try {
      return done(await engine.version());
    } catch (error) {
      if (error instanceof EngineGone) return pending(error.why);
      throw error;
    }
  });
}

function tooOld(version: string, api: string): ConfigurationError {
  return new ConfigurationError(`engine: Docker ${version} is too old`, {
    code: "engine.version",
    why: `it speaks API ${api}; a stack needs ${OLDEST_API} (Docker 20.10)`,
    fix: "update the Docker engine",
  });
}
