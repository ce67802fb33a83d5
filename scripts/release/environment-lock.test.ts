import { expect, test } from "vitest";
import { accountAt, memoryPublisher } from "../../tests/support/release-aws.ts";
import { withEnvironmentLock } from "./environment-lock.ts";

const NAME = "/greenleaf-account/locks/prod";
const at = (iso: string) => () => new Date(iso);
const NOON = at("2026-11-27T12:00:00.500Z");
const publisherWith = (parameters = {}) => memoryPublisher(accountAt("http://127.0.0.1:1"), parameters);
const asked = (command = "deploy prod two", broken?: string) => ({ environment: "prod", command, broken });

test("while one operator moves an environment the second is told who, since when and with what, and moves nothing", async () => {
  const publisher = publisherWith();
  const { promise: end, resolve } = Promise.withResolvers<string>();
  const first = withEnvironmentLock(publisher, asked(), () => end, NOON);
  let hasMoved = false;
  const second = withEnvironmentLock(publisher, asked("rollback prod"), async () => void (hasMoved = true));
  await expect(second).rejects.toMatchObject({
    name: "TemporaryError",
    code: "deploy.held",
    why: 'arn:aws:iam::123456789012:user/ada holds it since 2026-11-27T12:00:00Z, with "deploy prod two"',
    fix: expect.stringContaining("--break-lock 2026-11-27T12:00:00Z"),
  });
  expect(hasMoved).toBe(false);
  resolve("moved");
  expect(await first).toBe("moved");
  expect(publisher.parameters.has(NAME)).toBe(false);
  expect(await withEnvironmentLock(publisher, asked("rollback prod"), async () => "back")).toBe("back");
});

test("another environment is not held", async () => {
  const publisher = publisherWith({ "/greenleaf-account/locks/preprod": "{}" });
  expect(await withEnvironmentLock(publisher, asked(), async () => 1)).toBe(1);
});

test("a move that fails gives the environment back", async () => {
  const publisher = publisherWith();
  const failing = withEnvironmentLock(publisher, asked(), () => Promise.reject(new Error("no node is well")));
  await expect(failing).rejects.toThrow("no node is well");
  expect(publisher.parameters.has(NAME)).toBe(false);
});

test("a lock of somebody who is gone is broken by its own time and by no other", async () => {
  const stale = JSON.stringify({ by: "bob", since: "2026-11-26T09:00:00Z", command: "deploy prod one" });
  const publisher = publisherWith({ [NAME]: stale });
  const wrong = withEnvironmentLock(publisher, asked("deploy prod two", "2026-11-01T00:00:00Z"), async () => 1);
  await expect(wrong).rejects.toMatchObject({ name: "UsageError", why: expect.stringContaining("bob holds it") });
  expect(publisher.parameters.get(NAME)).toBe(stale);
  const right = withEnvironmentLock(publisher, asked("deploy prod two", "2026-11-26T09:00:00Z"), async () => 2);
  expect(await right).toBe(2);
  expect(publisher.parameters.has(NAME)).toBe(false);
});

test("the end of a move leaves alone the lock of the one who broke it", async () => {
  const publisher = publisherWith();
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const first = withEnvironmentLock(publisher, asked(), () => end, NOON);
  await Promise.resolve();
  publisher.parameters.set(NAME, "another's");
  resolve();
  await first;
  expect(publisher.parameters.get(NAME)).toBe("another's");
});

test("what is no lock of ours is shown, not believed", async () => {
  const publisher = publisherWith({ [NAME]: `{ torn ${"x".repeat(100)}` });
  const refused = withEnvironmentLock(publisher, asked(), async () => 1);
  await expect(refused).rejects.toMatchObject({
    code: "deploy.held",
    why: `somebody holds it since unknown, with "{ torn ${"x".repeat(73)}"`,
  });
});
