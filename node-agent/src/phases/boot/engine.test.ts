import { expect, test } from "vitest";
import { dockerEngine } from "../adapters/docker.ts";
import type { Clock } from "../core/retry.ts";
import { EngineGone } from "../errors.ts";
import type { World } from "../world.ts";
import { awaitEngine, engine } from "./engine.ts";
import type { Boot } from "./phase.ts";

function simulatedClock(): Clock & { now: () => number } {
  let now = 0;
  return { now: () => now, date: () => new Date(now), sleep: async (ms) => void (now += ms) };
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
    if ((asked += 1) < 4) throw new EngineGone("away", { why: "refused", fix: "start it" });
    return { version: "x", api };
  };
  const boot = (api: string) =>
    ({ world: { clock: simulatedClock(), engine: { version: () => version(api) } } }) as unknown as Boot;
  expect(await engine.run(boot("1.41"))).toBe("Docker x, API 1.41");
  expect(await engine.run(boot("1.50"))).toBe("Docker x, API 1.50");
  await expect(engine.run(boot("1.40"))).rejects.toMatchObject({ exitCode: 78 });
});
