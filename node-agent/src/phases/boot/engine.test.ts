import { expect, test } from "vitest";
import { dockerEngine } from "../../adapters/docker/docker.ts";
import { EngineGone } from "../../base/errors.ts";
import type { Clock } from "../../base/wait.ts";
import type { World } from "../../world.ts";
import type { Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";
import { awaitEngine, engine } from "./engine.ts";

function simulatedClock(): Clock & { now: () => number } {
  let now = 0;
  return {
    now: () => now,
    date: () => new Date(now),
    sleep: async (ms) => void (now += ms),
    alarm: () => () => undefined,
  };
}

test("an engine that is absent is waited for 30 s, then a retry is advised", async () => {
  const clock = simulatedClock();
  const world = { clock, engine: dockerEngine("/nowhere/docker.sock") } as World;
  const waiting = awaitEngine(world);
  await expect(waiting).rejects.toMatchObject({
    exitCode: 75,
    message: "waiting for the Docker engine took longer than 30 s",
  });
  await expect(waiting).rejects.toMatchObject({ why: expect.stringContaining("/nowhere/docker.sock") });
  expect(clock.now()).toBe(30_000);
});

test("an engine that comes late is taken, one that is too old is refused", async () => {
  let asked = 0;
  const version = async (api: string) => {
    if ((asked += 1) < 4) throw new EngineGone("away", { code: "program.failed", why: "refused", fix: "start it" });
    return { version: "x", api };
  };
  const boot = (api: string) =>
    ({
      world: { clock: simulatedClock(), engine: { version: () => version(api) } },
      node: { document: { endpoints: { imds: "none" } } },
    }) as unknown as Boot & Identified;
  expect(await engine.run(boot("1.41"))).toBe("Docker x, API 1.41");
  expect(await engine.run(boot("1.50"))).toBe("Docker x, API 1.50");
  await expect(engine.run(boot("1.40"))).rejects.toMatchObject({ exitCode: 78 });
});
