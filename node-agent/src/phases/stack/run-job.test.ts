import { expect, test } from "vitest";
import { memoryEngine } from "../../../../tests/support/memory-engine.ts";
import { SimulatedClock } from "../../../../tests/support/simulated/clock.ts";
import { memoryFiles } from "../../../../tests/support/simulated/files.ts";
import { stackFrom } from "../../../../tests/support/stack-from.ts";
import { sha256 } from "../../base/digest.ts";
import { TemporaryError } from "../../base/errors.ts";
import type { World } from "../../world.ts";
import { runJob } from "./run-job.ts";

type Body = { User?: string; Tty?: boolean; Entrypoint?: string[] };

/** A machine whose engine starts what `isStartable` says; and what its job's container was made of. */
function machine(isStartable: (body: Body) => boolean) {
  const engine = memoryEngine({ x: "sha256:i" });
  const bodies: Body[] = [];
  const [start, run] = [engine.start.bind(engine), engine.run.bind(engine)];
  const bodyOf = (reference: string) =>
    [...engine.containers.values()].find(({ id, name }) => id === reference || name === reference)?.body as Body;
  const check = (reference: string) => {
    const body = bodyOf(reference);
    const [program = ""] = body.Entrypoint ?? [];
    const why = isStartable(body) ? `exec: "${program}": no such file or directory` : "unable to find user";
    if (isStartable(body) && !program.includes("no-such-program")) return;
    throw new TemporaryError(`run container ${reference} failed`, { code: "engine.failed", why, fix: "look" });
  };
  engine.start = async (reference) => {
    check(reference);
    await start(reference);
  };
  engine.run = async (reference, onStderr) => {
    bodies.push(bodyOf(reference));
    check(reference);
    return run(reference, onStderr);
  };
  const ports = { holderOf: async () => undefined };
  const files = memoryFiles(new Map());
  const world = { engine, files, clock: new SimulatedClock(), digest: sha256, ports } as unknown as World;
  const job = (service: object) => {
    const stack = stackFrom({ services: { "first-run": { image: "x", restart: "no", ...service } } });
    return runJob(world, { stack, environment: new Map(), progress: () => undefined, redact: (text) => text });
  };
  return { engine, bodies, job };
}

test("a job that the engine does not start is the release's fault, and is told by its name", async () => {
  const { engine, job } = machine(({ User }) => User !== "nobodyhere");
  await expect(job({ user: "nobodyhere" })).rejects.toMatchObject({
    exitCode: 78,
    code: "engine.refused",
    message: "run container gl-first-run-run failed",
    why: "unable to find user",
  });
  expect([...engine.containers.values()]).toEqual([]);
});

test("an engine that starts nothing is at fault itself", async () => {
  const { job } = machine(() => false);
  await expect(job({ user: "1000" })).rejects.toMatchObject({ exitCode: 75, code: "engine.failed" });
});

test("a job has no terminal, whatever its service has: what it answers is not mixed with what it tells", async () => {
  const { bodies, job } = machine(() => true);
  expect(await job({ tty: true, stdin_open: true })).toContain("migrated");
  expect(bodies).toEqual([expect.objectContaining({ Tty: false, OpenStdin: false })]);
});
