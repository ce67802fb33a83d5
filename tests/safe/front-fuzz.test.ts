import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Daemon, startDaemon } from "./daemon.ts";
import { type Front, startFront, whyNoFront } from "./front.ts";
import { fuzzListener, healthOf } from "./fuzz-listeners.ts";

const reason = await whyNoFront();
if (reason) console.warn(`skipped: ${reason}`);

/** `bench safe` sends more. */
const SAMPLE = 3_000;

describe.skipIf(reason)(`requests that nobody means${reason ? `, which ${reason}` : ""}`, () => {
  let daemon: Daemon;
  let front: Front;
  beforeAll(async () => {
    daemon = await startDaemon();
    front = await startFront({ agent: join(daemon.node.root, "run/greenleaf/agent") });
  });
  afterAll(async () => {
    await front.stop();
    await daemon.stop();
  });

  test(`${SAMPLE} of them, of a seed, sent to Caddy leave it and the agent behind it the same`, async () => {
    const pid = daemon.pid();
    const where = { port: front.port, host: "127.0.0.1" };
    const answers = await fuzzListener(where, { seed: 4, count: SAMPLE });
    expect([...answers.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
    expect(await healthOf(where)).toBe(503);
    expect(await front.caddy.state()).toMatchObject({ Status: "running", OOMKilled: false });
    expect(daemon.pid()).toBe(pid);
  });
});
