import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../scripts/lab/namespaces.ts";
import { skipReason } from "./lab.ts";

const missing = skipReason("ping");
const within = { timeout: 90_000, interval: 250 };

// The lab of a person's hand takes its name when it is loaded.
process.env.GREENLEAF_LAB = `verbs-${process.pid}`;
const { FAULTS, UNDONE_BY } = await import("../../scripts/lab/faults.ts");
const { HAND_LAB, LAB_FOLDER, downLab, upLab } = await import("../../scripts/lab/lab-commands.ts");
const { observeLab } = await import("../../scripts/lab/lab-view.ts");
const { labPageServer, listenOnLoopback } = await import("../../scripts/lab/page/server.ts");

/** What the routers put right by themselves, or do not mind. */
const MENDED = [
  "rule-deleted",
  "ruleset-flushed",
  "forwarding-off",
  "interface-forwarding-off",
  "policy-rules-wiped",
  "routes-wiped",
  "address-deleted",
  "barrier-removed",
  "flows-forgotten",
  "garbage-datagram",
  "stranger-sends",
];

/** What stays until another verb takes it away. */
const UNDONE = Object.entries(UNDONE_BY);

const view = () => observeLab(HAND_LAB, LAB_FOLDER);
const say = async (verb: string) => FAULTS[verb]?.(HAND_LAB);

async function seenFrom(index: 0 | 1): Promise<string> {
  const program = [process.execPath, join(import.meta.dirname, "programs/ask.ts")];
  const { namespace } = HAND_LAB.zones[index].client;
  const asked = ["ip", "netns", "exec", namespace, ...program, "tcp", HAND_LAB.internet.servers[0] ?? "", "8"];
  return (await run(asked)).stdout;
}

/** Each zone is its own router's, whose clients go out under its address; what should not leave did not. */
async function isAllWell(): Promise<void> {
  const home = ["router a", "router b"];
  await expect.poll(async () => (await view()).zones.map(({ owner }) => owner), within).toEqual(home);
  const names = HAND_LAB.zones.map(({ publicAddress }) => publicAddress);
  await expect.poll(() => Promise.all([seenFrom(0), seenFrom(1)]), within).toEqual(names);
  expect((await view()).leaked).toBe(0);
}

describe.skipIf(missing !== undefined)(
  `what a person can break in the lab${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    beforeAll(async () => void (await upLab()));
    afterAll(async () => void (await downLab()));

    test("every verb is tried here", () => {
      expect([...new Set([...MENDED, ...UNDONE.flat()])].sort()).toEqual(Object.keys(FAULTS).sort());
    });

    test.each(MENDED)("%s: the routers go on, or are as before by themselves", async (verb) => {
      await say(verb);
      await isAllWell();
    });

    test.each(UNDONE)("%s, and all is as before after %s", async (verb, undo) => {
      await say(verb);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await say(undo);
      await isAllWell();
    });

    test("the page in a browser shows a router that dies, and the zone that moves", async () => {
      const server = labPageServer(view);
      const port = await listenOnLoopback(server, 0);
      const shown = async () => (await fetch(`http://127.0.0.1:${port}/picture`)).text();
      await expect.poll(shown, within).toContain('aria-label="eu-west-3a by router a, eu-west-3b by router b"');
      await say("router-b-dies");
      await expect.poll(shown, within).toContain('aria-label="eu-west-3a by router a, eu-west-3b by router a"');
      expect(await shown()).toContain("its agent: dead");
      server.close();
      server.closeAllConnections();
    });
  },
);
