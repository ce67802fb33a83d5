import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLock } from "./lock.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenleaf-lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("one of many holds the lock, the others learn who; released, the next one gets it", async () => {
  const path = join(folder, "deeper", "boot.lock");
  const all = await Promise.all(Array.from({ length: 20 }, () => takeLock(path)));
  const held = all.filter((lock) => lock.held);
  expect(held).toHaveLength(1);
  expect(await takeLock(path)).toEqual({ held: false, by: `process ${process.pid}` });
  if (held[0]?.held === true) await held[0].release();
  expect((await takeLock(path)).held).toBe(true);
});

test("nobody else can open the file of the lock, and with it hold the lock", async () => {
  const path = join(folder, "boot.lock");
  writeFileSync(path, "", { mode: 0o666 });
  const lock = await takeLock(path);
  expect([lock.held, statSync(path).mode & 0o777]).toEqual([true, 0o600]);
  if (lock.held) await lock.release();
});

test("a holder that is killed with -9 leaves the lock free", async () => {
  const path = join(folder, "boot.lock");
  const program = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    await takeLock(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(await takeLock(path)).toEqual({ held: false, by: `process ${child.pid}` });
  child.kill("SIGKILL");
  await expect.poll(async () => (await takeLock(path)).held).toBe(true);
});

/** Runs a program that takes the lock, in a mount namespace that `prepare` has changed; gives what it printed. */
async function taking(path: string, prepare: string): Promise<{ said: string; code: number }> {
  const program = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    import { openSync } from "node:fs";
    if (process.argv[1] === "full") try { for (;;) openSync("/dev/null"); } catch {}
    await takeLock(${JSON.stringify(path)}).then(() => console.log("held"), (error) => console.log(error.exitCode, error.why));`;
  const run = `${prepare}; exec "$0" --input-type=module -e "$1" -- "$2"`;
  const wanted = prepare.startsWith("ulimit") ? "full" : "";
  const argv = ["sh", "-c", run, process.execPath, program, wanted];
  const child = prepare.startsWith("ulimit") ? spawn("sh", argv.slice(1)) : spawn("unshare", ["--mount", ...argv]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { said, code };
}

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot).each([
  ["is full", "-o size=4k", "head -c 4096 /dev/zero", /^75 ENOSPC/],
  ["is read-only", "-o size=64k", "mount -o remount,ro none", /^77 EROFS/],
])("a run folder that %s gives an error and no lock that stays", async (_, options, spoil, told) => {
  const redirect = spoil.startsWith("head") ? `>${folder}/fill` : folder;
  const path = join(folder, "boot.lock");
  const prepare = `mount -t tmpfs ${options} none ${folder} && : >${path} && { ${spoil} ${redirect} 2>/dev/null || :; }`;
  const { said, code } = await taking(path, prepare);
  // That it ended at all is the point: nothing keeps the process.
  expect(said).toMatch(told);
  expect(code).toBe(0);
});

test("a machine without file descriptors is told as such", async () => {
  const { said } = await taking(join(folder, "boot.lock"), "ulimit -n 40");
  expect(said).toMatch(/^75 .*EMFILE/);
});

test("a lock that is not answered for is given up", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "flock"), "#!/bin/sh\nexec sleep 300\n", { mode: 0o755 });
  const program = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    await takeLock(${JSON.stringify(join(folder, "boot.lock"))}, 100).catch((error) => console.log(error.exitCode, error.why));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  const [piece] = (await once(child.stdout, "data")) as [Buffer];
  expect(piece.toString()).toBe("75 flock gave no answer for 0.1 s\n");
  await once(child, "exit");
});
