import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forwarding, newInstance, plainRouter, translates } from "./instance.ts";
import { type AgentRun, type Lab, skipReason } from "./lab.ts";

const missing = skipReason();

interface Ended {
  readonly lab: Lab;
  readonly run: AgentRun;
  readonly seconds: number;
  readonly forwarding: string;
}

/** What only its deadline ends, or what comes just before; they wait side by side. */
const running: Partial<Record<"metadata" | "interface" | "route" | "late", Promise<Ended>>> = {};

async function ended(lab: Lab, ...argv: readonly string[]): Promise<Ended> {
  const start = performance.now();
  const run = await lab.agent(0, ...argv);
  return { lab, run, seconds: (performance.now() - start) / 1000, forwarding: await forwarding(lab) };
}

const LATE_S = 50;

describe.skipIf(missing !== undefined)(
  `T15: what a boot waits for${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    beforeAll(async () => {
      const [mute, never, late, plain] = await Promise.all([
        newInstance("wait-mute"),
        newInstance("wait-never"),
        newInstance("wait-late"),
        plainRouter("wait-plain"),
      ]);
      await mute.imds({ fault: "silent" });
      // EC2 says that it is attached, but no interface appears.
      for (const { cloud } of [never, late])
        await cloud({ order: "faults", faults: [{ action: "AttachNetworkInterface", kind: "lost" }] });
      running.metadata = ended(mute.lab, "boot");
      running.interface = ended(never.lab, "boot");
      running.route = ended(plain, "nat", "apply");
      running.late = ended(late.lab, "boot");
      await sleep(LATE_S * 1_000);
      await late.cloud({ order: "change", state: { attached: [true, true], unchecked: [true, true] } });
    });
    afterAll(async () => {
      for (const each of Object.values(running)) await (await each).lab.remove();
    });

    test("an interface that comes fifty seconds late is used, and packets are translated", async () => {
      const late = await running.late;
      expect(late?.run).toMatchObject({ code: 0 });
      expect(late?.seconds).toBeGreaterThan(LATE_S - 5);
      if (late) await translates(late.lab);
    });

    test.each([
      ["interface", "no interface has MAC 02:00:00:00:01:10"],
      ["route", "the main table has no default route"],
      ["metadata", "waiting for the instance metadata service took longer than 120 s"],
    ] as const)("the %s that never comes ends it with 75, named, without forwarding", async (what, words) => {
      const never = await running[what];
      expect(never?.run).toMatchObject({ code: 75 });
      expect(never?.run.stderr).toContain(words);
      expect(never?.forwarding).toBe("0");
    });
  },
);
