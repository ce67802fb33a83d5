import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  await expect(exec(["sleep", "20"], { timeoutMs: 50 })).rejects.toMatchObject({
    message: "sleep did not end within 0.05 s",
    why: "it printed nothing | ended by SIGKILL",
    exitCode: 75,
  });
});

// A process whose parent does not ask for its end stays in the table as a zombie.
const isAlive = (pid: string) => {
  const path = `/proc/${pid.trim()}/stat`;
  return existsSync(path) && !/\) Z /.test(readFileSync(path, "utf8"));
};

test("the deadline ends the program's children too, though they keep its pipes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-exec-"));
  const waiting = exec(["sh", "-c", `sleep 300 & echo $! >${folder}/pid; wait`], { timeoutMs: 1_000 });
  await expect(waiting).rejects.toThrow("sh did not end within 1 s");
  const pid = readFileSync(join(folder, "pid"), "utf8");
  await expect.poll(() => isAlive(pid)).toBe(false);
  rmSync(folder, { recursive: true });
});

test("a program that has ended is not waited for longer because its child keeps the pipes", async () => {
  const { code, stdout } = await exec(["sh", "-c", "sleep 300 & echo $!; exit 0"]);
  expect(code).toBe(0);
  // What a program leaves behind on purpose, as a package's service, goes on.
  expect(isAlive(stdout)).toBe(true);
  process.kill(Number(stdout), "SIGKILL");
});

test("a program that prints without an end is ended at the size limit", async () => {
  const endless = exec(["yes"], { maxBytes: 1_000_000 });
  await expect(endless).rejects.toMatchObject({ message: "yes printed too much", exitCode: 75 });
});

test("a machine without file descriptors is told as such, never as a stack", async () => {
  const program = `import { exec } from ${JSON.stringify(join(import.meta.dirname, "exec.ts"))};
    import { openSync } from "node:fs";
    try { for (;;) openSync("/dev/null"); } catch {}
    await exec(["true"]).catch((error) => console.log(error.exitCode, error.message, error.why));`;
  const argv = ["sh", "-c", 'ulimit -n 40; exec "$0" --input-type=module -e "$1"', process.execPath, program] as const;
  expect((await exec(argv)).stdout).toMatch(/^75 true could not be started spawn .*EMFILE/);
});

test("a signal that ends us ends the programs we wait for", async () => {
  const program = `import { exec } from ${JSON.stringify(join(import.meta.dirname, "exec.ts"))};
    void exec(["sh", "-c", "echo $$ >&2; sleep 300"]).catch(() => undefined);
    setTimeout(() => process.kill(process.pid, "SIGINT"), 500);`;
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-exec-"));
  const script = program.replace("echo $$ >&2", `echo $$ >${folder}/pid`);
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  const [, signal] = (await once(child, "exit")) as [number | null, string];
  expect(signal).toBe("SIGINT");
  await expect.poll(() => isAlive(readFileSync(join(folder, "pid"), "utf8"))).toBe(false);
  rmSync(folder, { recursive: true });
});

test("a program that is not installed is named", async () => {
  await expect(exec(["greenleaf-no-such-program"])).rejects.toThrow("greenleaf-no-such-program could not be started");
});
