import { expect, test } from "vitest";
import { exec } from "./exec.ts";

test("a program gets its input and gives its output", async () => {
  expect(await exec(["cat"], { input: "a\nb" })).toEqual({ code: 0, stdout: "a\nb", stderr: "" });
});

test("a failing program is told with its code and its last words", async () => {
  const failing = exec(["sh", "-c", "echo no such table >&2; exit 3"]);
  await expect(failing).rejects.toMatchObject({ message: "sh ended with code 3", why: "no such table" });
});

test("an accepted code is an answer, not a failure", async () => {
  expect((await exec(["sh", "-c", "exit 3"], { accept: [0, 3] })).code).toBe(3);
});

test("a program that hangs is killed at its deadline", async () => {
  await expect(exec(["sleep", "20"], { timeoutMs: 50 })).rejects.toMatchObject({ why: "ended by SIGKILL" });
});

test("a program that is not installed is named", async () => {
  await expect(exec(["greenleaf-no-such-program"])).rejects.toThrow("greenleaf-no-such-program could not be started");
});
