import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab, type Program, skipReason } from "../nat/lab.ts";

const missing = skipReason();
if (missing) console.warn(`skipped: ${missing}`);

/** `bench safe` sends a hundred thousand. */
const SAMPLE = 3_000;

describe.skipIf(missing)(`what a router hears of the other${missing ? `: ${missing}` : ""}`, () => {
  let lab: Lab;
  let agent: Program;
  beforeAll(async () => {
    lab = await openLab("safe-heartbeats");
    const pair = await lab.startPair();
    [agent] = pair.agents as [Program, Program];
  });
  afterAll(async () => lab.remove());

  test(`${SAMPLE} datagrams and orders that nobody means, of a seed, leave the process the same, told once`, async () => {
    await expect.poll(() => lab.status(0)?.peer?.state, { timeout: 60_000 }).toBe("proven");
    const { address } = lab.zone(0).nat;
    const peer = lab.zone(1).nat.address;
    const program = join(import.meta.dirname, "programs", "router-peer.ts");
    const sent = await lab.run(lab.router(1), process.execPath, program, peer, address, "7", String(SAMPLE));
    expect(sent).toMatchObject({ code: 0 });
    expect(agent.child.exitCode).toBeNull();
    expect(existsSync(`/proc/${agent.child.pid}`)).toBe(true);
    // Its loops turn: the true heartbeats are heard again and the status is of now.
    await expect.poll(() => lab.status(0)?.peer?.state, { timeout: 60_000 }).toBe("proven");
    expect(await lab.agent(0, "nat", "status")).toMatchObject({ code: 0 });
    expect(agent.output().match(/is no heartbeat of this version/g)).toHaveLength(1);
  });

  test("an agent that hangs is not ready: the status it wrote last is too old to be true", async () => {
    agent.child.kill("SIGSTOP");
    const status = () => lab.agent(0, "nat", "status").then(({ code, stdout }) => `${code} ${stdout}`);
    await expect.poll(status, { timeout: 60_000, interval: 1_000 }).toMatch(/^69 [^]*serve {4}hangs or has ended/);
    agent.child.kill("SIGCONT");
    await expect.poll(status, { timeout: 60_000, interval: 1_000 }).not.toMatch(/hangs or has ended/);
  });
});
