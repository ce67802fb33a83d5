import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { RECORD_VARIABLE } from "../../scripts/test/record.ts";
import { type Planted, plantedCheckout, type Started, temporary } from "./planted.ts";

const GROUPS = `import { runShop } from "./shop.ts";
import { runVitest } from "./vitest.ts";
export const GROUPS = [
  { name: "planted", what: "a small suite", run: (run) => runVitest("unit", run) },
  { name: "shop", what: "a shop", run: runShop },
];
`;

/** A suite that leaves files and programs, one of them of a session and an environment of its own, and waits. */
const WAITS = (root: string) => `import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "vitest";
test("passes", () => {});
test("waits", async () => {
  // What ended is told to the runner a moment later.
  const record = process.env.${RECORD_VARIABLE};
  while (!existsSync(record) || !readFileSync(record, "utf8").includes("> passes")) await sleep(10);
  writeFileSync(join(mkdtempSync(join(tmpdir(), "suite-")), "file"), "left");
  const near = spawn("sleep", ["987654"], { stdio: "ignore" });
  const far = spawn("sleep", ["987654"], { stdio: "ignore", detached: true, env: {} });
  const marked = spawn("sh", ["-c", "setsid sleep 987654 & echo $! > ${root}/orphan"], { stdio: "ignore" });
  await new Promise((done) => marked.on("close", done));
  writeFileSync("${root}/pids", [near.pid, far.pid, "."].join(" "));
  await new Promise(() => {});
}, 1e9);
`;

const planted: Planted[] = [];
afterEach(async () => void (await Promise.all(planted.splice(0).map((checkout) => checkout.close()))));

const checkout = (): Planted => {
  const made = plantedCheckout(GROUPS, {});
  made.write("tests/unit/waits.test.ts", WAITS(made.root));
  made.write("tests/shop/waits.test.ts", WAITS(made.root));
  // The shop is a file; what is under test is that it goes.
  made.write("scripts/up.ts", `import { writeFileSync } from "node:fs";\n${stub("up", 'writeFileSync("UP", line)')}`);
  made.write(
    "scripts/down.ts",
    `import { rmSync, writeFileSync } from "node:fs";\n${stub("down", 'rmSync("UP"); writeFileSync("DOWN", line)')}`,
  );
  made.write("scripts/test/prepare.ts", "export const prepareEngine = async () => {};\n");
  made.write(
    "scripts/programs.ts",
    "export const hasProgram = () => false;\nexport const installPrograms = async () => {};\n",
  );
  made.write("scripts/local/aws/credentials.ts", "export const ensureCredentials = async () => ({ admin: {} });\n");
  planted.push(made);
  return made;
};
const stub = (name: string, deed: string) =>
  `export async function ${name}({ options }) { const line = JSON.stringify(options); ${deed}; return 0; }
`;

const alive = (pid: number): boolean => {
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] : undefined;
  return state !== undefined && !state.startsWith("Z");
};
const read = (path: string): string => readFileSync(path, "utf8").trim();

/** Waits until the suite waits; gives the programs it started. */
async function waiting({ root }: Planted, started: Started): Promise<number[]> {
  const pids = join(root, "pids");
  const isWhole = () => existsSync(pids) && read(pids).endsWith(".");
  // One that has ended will never begin.
  const isOver = () => started.child.exitCode !== null;
  for (let tries = 0; !isWhole() && !isOver() && tries < 2_000; tries += 1) await sleep(100);
  if (!isWhole()) throw new Error(`the suite did not begin: ${started.output()}`);
  return read(pids)
    .replace(".", read(join(root, "orphan")))
    .split(" ")
    .map(Number);
}

async function nothingLeft(root: string, pids: readonly number[]): Promise<void> {
  const left = () => [...pids.filter(alive), ...readdirSync(temporary(root))];
  for (let tries = 0; left().length > 0 && tries < 600; tries += 1) await sleep(100);
  expect(left()).toEqual([]);
}

describe.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s", (signal, code) => {
  test("ends a group with the signal's code and what was counted, and leaves neither program nor file", async () => {
    const { root, start } = checkout();
    const started = start("planted");
    const pids = await waiting({ root } as Planted, started);
    expect(pids.every(alive)).toBe(true);
    process.kill(started.pid, signal);
    expect(await started.ended).toMatchObject({
      code,
      closing: [`failed: ${signal} ended the run before all tests had run`, "1 passed, 1 failed, 0 skipped"],
    });
    await nothingLeft(root, pids);
  });

  test("takes the shop's world away", async () => {
    const { root, start } = checkout();
    const started = start("shop");
    const pids = await waiting({ root } as Planted, started);
    const world = JSON.parse(read(join(root, "UP"))) as object;
    process.kill(started.pid, signal);
    expect((await started.ended).code).toBe(code);
    expect(existsSync(join(root, "UP"))).toBe(false);
    expect(JSON.parse(read(join(root, "DOWN")))).toEqual({ purge: true, "keep-images": true, yes: true, ...world });
    await nothingLeft(root, pids);
  });
});

test("Ctrl-C, which reaches every program of the terminal, ends the same way", async () => {
  const { root, start } = checkout();
  const started = start("shop");
  const pids = await waiting({ root } as Planted, started);
  process.kill(-started.pid, "SIGINT");
  expect((await started.ended).code).toBe(130);
  expect(existsSync(join(root, "UP"))).toBe(false);
  await nothingLeft(root, pids);
});

test("a run that is killed outright leaves neither program, nor file, nor the shop's world", async () => {
  const { root, start } = checkout();
  const started = start("shop");
  const pids = await waiting({ root } as Planted, started);
  process.kill(started.pid, "SIGKILL");
  for (let tries = 0; existsSync(join(root, "UP")) && tries < 600; tries += 1) await sleep(100);
  expect(existsSync(join(root, "UP"))).toBe(false);
  await nothingLeft(root, pids);
});

test("two runs beside each other have worlds and ports of their own, and end each for itself", async () => {
  const [one, two] = [checkout(), checkout()];
  const runs = [one, two].map(({ start }) => start("shop"));
  const pids = await Promise.all([one, two].map((checkout, index) => waiting(checkout, runs[index]!)));
  const worlds = [one, two].map(({ root }) => JSON.parse(read(join(root, "UP"))) as Record<string, string>);
  expect(worlds[0]).toEqual({
    project: expect.stringMatching(/^greenleaf-test-[0-9a-f]{8}$/),
    port: expect.stringMatching(/^\d{5}$/),
  });
  for (const option of ["project", "port"]) expect(worlds[0]?.[option]).not.toBe(worlds[1]?.[option]);
  process.kill(runs[0]!.pid, "SIGTERM");
  expect((await runs[0]!.ended).code).toBe(143);
  expect(
    pids[1]!.filter((pid) => !alive(pid)),
    runs[1]!.output(),
  ).toEqual([]);
  expect(existsSync(join(two.root, "UP"))).toBe(true);
  process.kill(runs[1]!.pid, "SIGTERM");
  expect((await runs[1]!.ended).code).toBe(143);
  await nothingLeft(one.root, pids[0]!);
  await nothingLeft(two.root, pids[1]!);
});
