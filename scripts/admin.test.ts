import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { answerFor, passwordFrom, resetOf } from "./admin.ts";

const piped = (text: string) => Readable.from([text]);
const terminal = Object.assign(piped("never read"), { isTTY: true });

test("a password that is piped in is taken without its line's end, and is not shown", async () => {
  const given = await passwordFrom(piped("a new password \r\nand more"), false);
  expect(given).toEqual({ password: "a new password ", isMade: false });
  expect(answerFor("a@b.c", { email: undefined, ...given })).not.toContain(given.password);
});

test("in a terminal one is made and shown, another each time", async () => {
  const [one, other] = await Promise.all([passwordFrom(terminal, true), passwordFrom(piped(""), true)]);
  expect(one.isMade && other.isMade && one.password !== other.password).toBe(true);
  expect(one.password.length).toBeGreaterThanOrEqual(12);
  expect(answerFor("a@b.c", { email: undefined, ...one })).toContain(one.password);
});

test("with neither nothing is done: a log would keep what is made", async () => {
  await expect(passwordFrom(piped(""), false)).rejects.toMatchObject({ name: "UsageError" });
  await expect(passwordFrom(terminal, false)).rejects.toMatchObject({ name: "UsageError" });
});

test.each([
  [64, "UsageError"],
  [78, "ConfigurationError"],
  [75, "TemporaryError"],
])("the backend's words are passed on under the code it ended with (%i)", (code, name) => {
  const stderr = "noise\nerror: nobody logs in as x\nwhy:   the administrators are a@b.c\nfix:   name one of them\n";
  const refused = {
    name,
    message: "nobody logs in as x",
    why: "the administrators are a@b.c",
    fix: "name one of them",
  };
  expect(() => resetOf({ code, stdout: "", stderr })).toThrow(expect.objectContaining(refused));
});
