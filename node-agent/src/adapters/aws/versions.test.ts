import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeAws, startFakeAws } from "../../../../tests/support/fake-aws.ts";
import { systemClock } from "../../base/clock.ts";
import { openAws } from "./aws.ts";
import { signedAttempts } from "./signed/signed-attempt.ts";
import { type CurrentVersions, currentVersions } from "./versions.ts";

const credentials = { get: async () => ({ accessKeyId: "a", secretAccessKey: "b" }), renew: () => undefined };

let aws: FakeAws;
let access: Parameters<typeof openAws>[0];
let versions: CurrentVersions;
beforeEach(async () => {
  aws = await startFakeAws();
  access = { region: "eu-west-3", endpoint: aws.url, credentials };
  versions = currentVersions(signedAttempts(access, systemClock), "eu-west-3");
  aws.parameters.set("/shop/a", { value: "x", type: "SecureString", version: 7 });
  aws.secrets.set("shop/b", "a-secret");
});
afterEach(() => aws.close());

test("versions are those that a fetch sees, and an empty one is told of what is not there", async () => {
  const fetched = openAws(access, systemClock);
  await fetched.parameters.get(["/shop/a", "/shop/gone"], 5_000);
  await fetched.secrets.get(["shop/b", "shop/gone"], 5_000);
  expect(await versions.parameters(["/shop/a", "/shop/gone"], 5_000)).toEqual({
    done: true,
    value: { "/shop/a": fetched.versionOf("/shop/a"), "/shop/gone": fetched.versionOf("/shop/gone") },
  });
  expect(fetched.versionOf("/shop/a")).toBe("7");
  expect(await versions.secret("shop/b", 5_000)).toEqual({ done: true, value: fetched.versionOf("shop/b") });
  expect(await versions.secret("shop/gone", 5_000)).toEqual({ done: true, value: "" });
});

test("nothing is asked to be decrypted, and no secret's value is asked for", async () => {
  await versions.parameters(["/shop/a"], 5_000);
  await versions.secret("shop/b", 5_000);
  expect(aws.requests).toEqual([
    { action: "GetParameters", body: expect.stringContaining('"WithDecryption":false') as unknown },
    { action: "DescribeSecret", body: '{"SecretId":"shop/b"}' },
  ]);
});

test("another current value is another version", async () => {
  const before = await versions.secret("shop/b", 5_000);
  aws.secrets.set("shop/b", "another-secret");
  expect(await versions.secret("shop/b", 5_000)).not.toEqual(before);
});

test("a server that does not answer is no answer, and no version", async () => {
  await aws.close();
  expect(await versions.secret("shop/b", 5_000)).toMatchObject({ done: false });
  expect(await versions.parameters(["/shop/a"], 5_000)).toMatchObject({ done: false });
});
