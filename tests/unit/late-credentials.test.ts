import { createServer } from "node:http";
import { expect, test } from "vitest";
import { credentialSource, type ReadMetadata } from "../../node-agent/src/adapters/aws/credentials.ts";
import { signedAttempts } from "../../node-agent/src/adapters/aws/signed/signed-attempt.ts";
import type { Clock } from "../../node-agent/src/base/wait.ts";
import { ask, newBudget } from "../../node-agent/src/phases/boot/aws.ts";
import type { World } from "../../node-agent/src/world.ts";
import { served } from "../support/served.ts";

const CREDENTIALS = { AccessKeyId: "AKIA1", SecretAccessKey: "s", Token: "t", Expiration: "2099-01-01T00:00:00Z" };
const WHOLE = JSON.stringify(CREDENTIALS);

/** What a phase asks of AWS on an instance whose metadata has each of these of a role in turn, the last one from then on. */
async function asked(answers: ReadonlyArray<string | undefined>) {
  let [now, at] = [0, 0];
  const clock: Clock = {
    now: () => now,
    date: () => new Date(Date.UTC(2026, 0, 1) + now),
    sleep: async (ms) => void (now += ms),
    alarm: () => () => undefined,
  };
  // One look of the agent is one question, and a second one where there is a role.
  const metadata: ReadMetadata = async (path) => {
    const answer = answers[Math.min(at, answers.length - 1)];
    const isNamed = path === "iam/security-credentials/" && answer !== undefined;
    if (!isNamed) at += 1;
    return isNamed ? "greenleaf-app" : answer;
  };
  const signed: string[] = [];
  const endpoint = await served(
    createServer((request, response) => {
      signed.push(/Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      response.end("an archive");
    }),
  );
  const credentials = credentialSource({}, { clock, metadata });
  const attempt = signedAttempts({ region: "eu-west-3", endpoint, credentials }, clock);
  const world = { clock, random: () => 0.5 } as World;
  const wanted = { action: "s3:GetObject", service: "s3", host: "unused", method: "GET", path: "/x" } as const;
  const answer = await ask(world, { what: "the release", budget: newBudget(world) }, (ms) => attempt(wanted, ms)).then(
    ({ body }) => body,
    (error: unknown) => error,
  );
  return { answer, signed, ms: now, looks: at };
}

test("credentials of a role that come seconds late are waited for, and nothing is sent before", async () => {
  const { answer, signed, ms, looks } = await asked([undefined, undefined, "{}", WHOLE.slice(0, 30), WHOLE]);
  expect([answer, signed, looks]).toEqual(["an archive", ["AKIA1"], 5]);
  expect(ms).toBeGreaterThan(0);
});

test.each([
  ["no role", undefined],
  ["a document that is cut short", WHOLE.slice(0, -5)],
  ["Failed", JSON.stringify({ ...CREDENTIALS, AccessKeyId: "", Code: "Failed" })],
])("where they never come (%s) the phase's time ends the wait, and says why", async (why, document) => {
  const { answer, signed, ms } = await asked([document]);
  expect(answer).toMatchObject({
    exitCode: 75,
    why: expect.stringContaining(`AWS credentials are not available: IMDS answered ${why}`),
  });
  expect([signed, ms]).toEqual([[], 30_000]);
});
