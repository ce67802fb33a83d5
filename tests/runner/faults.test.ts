import { afterEach, describe, expect, test } from "vitest";
import { type Planted, plantedCheckout } from "./planted.ts";

const only = (project: string) =>
  `import { runVitest } from "./vitest.ts";
export const GROUPS = [{ name: "planted", what: "a small suite", run: (run) => runVitest("${project}", run) }];
`;
const uses = 'import { afterAll, beforeAll, describe, expect, test } from "vitest";\n';
const FINE = `${uses}test("is fine", () => {});\n`;

let planted: Planted | undefined;
afterEach(() => planted?.close());

/** What the real command says of a checkout with these tests, and how it ends. */
async function outcomeOf(files: Readonly<Record<string, string>>, project = "unit") {
  planted = plantedCheckout(only(project), files);
  return planted.test();
}

/** Each file does one thing that is no failed assertion; the lines that have to name it. */
const FAULTS: Readonly<Record<string, { readonly file: string; readonly failed: readonly string[] }>> = {
  "before-all": {
    file: 'beforeAll(() => { throw new Error("no world"); });\ntest("never runs", () => {});',
    failed: ["FILE > never runs: was never reached", "FILE: no world (FILE:2)"],
  },
  "before-all-of-a-suite": {
    file: 'describe("inner", () => { beforeAll(() => { throw new Error("no node"); });\ntest("never runs", () => {}); });',
    failed: ["FILE > inner > never runs: was never reached", "FILE > inner: no node (FILE:2)"],
  },
  "after-all": {
    file: 'test("passes", () => {});\nafterAll(() => { throw new Error("a network is left"); });',
    failed: ["FILE: a network is left (FILE:3)"],
  },
  uncaught: {
    file: 'test("passes", () => new Promise((done) => { setTimeout(() => { throw new Error("late"); }, 1); setTimeout(done, 200); }));',
    failed: ["FILE > passes > Uncaught Exception: late (FILE:2)"],
  },
  rejected: {
    file: 'test("passes", () => { void Promise.reject(new Error("nobody waits")); });',
    failed: ["FILE > Unhandled Rejection: nobody waits (FILE:2)"],
  },
  "after-all-with-nothing": {
    file: 'test("passes", () => {});\nafterAll(() => Promise.reject());',
    failed: ["FILE: undefined"],
  },
  unloadable: { file: 'import "./nowhere.ts";\ntest("never runs", () => {});', failed: [] },
  "without-tests": { file: "export {};", failed: [] },
  "empty-suite": { file: 'test("passes", () => {});\ndescribe("empty", () => {});', failed: [] },
  "empty-table": {
    file: 'test("passes", () => {});\ntest.skipIf(false).each([])("%s", () => {});',
    failed: ["FILE: each([]): a table without rows makes no test (FILE:3)"],
  },
  "empty-table-of-suites": {
    file: 'test("passes", () => {});\ndescribe.for([])("%s", () => { test("never runs", () => {}); });',
    failed: ["FILE: for([]): a table without rows makes no test (FILE:3)"],
  },
  "empty-template": {
    file: 'test("passes", () => {});\ntest.each`a | b`("%s", () => {});',
    failed: ["FILE: each([]): a table without rows makes no test (FILE:3)"],
  },
  "empty-table-of-an-extended-test": {
    file: 'test("passes", () => {});\ntest.extend({ world: 1 }).extend({}).each([])("%s", () => {});',
    failed: ["FILE: each([]): a table without rows makes no test (FILE:3)"],
  },
  chosen: { file: 'test.only("passes", () => {});\ntest("is left out", () => { expect(1).toBe(2); });', failed: [] },
  skipped: {
    file: 'test.skip("later", () => {});\ntest.todo("some day");\ntest("now", (context) => context.skip("too hard"));\ntest("passes", () => {});',
    failed: [
      "FILE > later: skipped for no reason of scripts/test/skips.ts",
      "FILE > some day: skipped for no reason of scripts/test/skips.ts",
      "FILE > now: skipped for no reason of scripts/test/skips.ts",
    ],
  },
  "skipped-without-a-word": {
    file: 'test("now", (context) => context.skip());\ntest("passes", () => {});',
    failed: ["FILE > now: was never reached"],
  },
  asserts: { file: 'test("fails", () => { expect(1).toBe(2); });', failed: ["FILE > fails"] },
};

test("what goes wrong beside the tests of a file is a failure that names the file", async () => {
  const path = (name: string) => `tests/unit/zz/${name}.test.ts`;
  const files = Object.entries(FAULTS).map(([name, { file }]) => [path(name), `${uses}${file}\n`]);
  const { code, closing } = await outcomeOf({ ...Object.fromEntries(files), [path("fine")]: FINE });
  expect(code).toBe(1);
  const failed = closing.filter((line) => line.startsWith("failed: "));
  for (const [name, { failed: expected }] of Object.entries(FAULTS)) {
    expect(failed).toEqual(
      expect.arrayContaining(expected.map((line) => `failed: ${line.replaceAll("FILE", path(name))}`)),
    );
    expect
      .soft(
        failed.filter((line) => line.includes(path(name))),
        name,
      )
      .not.toEqual([]);
  }
  expect(failed.filter((line) => line.includes(path("fine")))).toEqual([]);
  const said = closing.indexOf(`failed: ${path("asserts")} > fails`) + 1;
  expect(closing.slice(said, said + 3)).toEqual([
    `    expected 1 to be 2 // Object.is equality (${path("asserts")}:2)`,
    "    - 2",
    "    + 1",
  ]);
  expect(closing.at(-1)).toMatch(/^\d+ passed, \d+ failed, 0 skipped$/);
});

test("a rejection with nothing in it is a failure, though nobody knows whose", async () => {
  const file = 'test("passes", () => new Promise((done) => { void Promise.reject(null); setTimeout(done, 100); }));';
  const { code, closing } = await outcomeOf({ "tests/unit/zz/null.test.ts": `${uses}${file}\n` });
  expect({ code, closing }).toEqual({
    code: 1,
    closing: ["failed: Unhandled Rejection: an error without a word", "1 passed, 1 failed, 0 skipped"],
  });
});

test("a worker that is killed, as by a lack of memory, is a failure that names its file", async () => {
  const dies = `${uses}test("first", () => {});
test("second", () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); });
test("third", () => { expect(1).toBe(2); });
`;
  // Of a group whose files have a process each: elsewhere those behind it in the same process are failures as well.
  const files = { "tests/safe/dies.test.ts": dies, "tests/safe/fine.test.ts": FINE };
  const { code, closing } = await outcomeOf(files, "safe");
  expect(code).toBe(1);
  expect(closing).toContain("failed: tests/safe/dies.test.ts > third: did not end");
  expect(closing.join("\n")).toMatch(/failed: .*Worker exited unexpectedly with signal SIGKILL.*dies\.test\.ts/);
  expect(closing.at(-1)).toMatch(/^1 passed, [1-9]\d* failed, 0 skipped$/);
});

test("a group without a test is a failure", async () => {
  const { code, closing } = await outcomeOf({});
  expect(code).toBe(1);
  expect(closing).toContain("failed: unit: no test was run");
});

describe("a group's", () => {
  const setup = (text: string) => ({ "tests/nat/fine.test.ts": FINE, "tests/nat/setup.ts": text });

  test("set-up that fails is a failure with its reason", async () => {
    const text = 'export function setup() { throw new Error("no space left"); }\n';
    const { code, closing } = await outcomeOf(setup(text), "nat");
    expect(code).toBe(1);
    expect(closing).toContain("failed: nat: vitest ended with code 1: Error: no space left");
  });

  test("tear-down that fails is a failure with its reason", async () => {
    const text = 'export function setup() { return () => { throw new Error("a namespace is left"); }; }\n';
    const { code, closing } = await outcomeOf(setup(text), "nat");
    expect(code).toBe(1);
    expect(closing).toEqual([
      "failed: nat: vitest ended with code 1: error during close Error: a namespace is left",
      "1 passed, 1 failed, 0 skipped",
    ]);
  });

  test("runner that is killed is a failure", async () => {
    const text = 'export function setup() { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); }\n';
    const { code, closing } = await outcomeOf(setup(text), "nat");
    expect(code).toBe(1);
    expect(closing).toContain("failed: nat: vitest ended with SIGKILL");
  });
});

test("a group that lost a test is a failure, and what it has can be made the least", async () => {
  planted = plantedCheckout(only("unit"), { "tests/unit/one.test.ts": FINE, "tests/unit/two.test.ts": FINE });
  expect((await planted.test("--raise-minimums")).code).toBe(0);
  planted.remove("tests/unit/two.test.ts");
  const { code, closing } = await planted.test();
  expect({ code, closing }).toEqual({
    code: 1,
    closing: [
      "failed: planted: 1 tests, and it has at least 2 (scripts/test/minimums.json)",
      "1 passed, 1 failed, 0 skipped",
    ],
  });
});

test("a suite that passes is green, and says so in one line", async () => {
  const { code, closing } = await outcomeOf({ "tests/unit/fine.test.ts": FINE });
  expect({ code, closing }).toEqual({ code: 0, closing: ["1 passed, 0 failed, 0 skipped"] });
});

test("groups of two lanes run beside each other, and each one's output is in one piece", async () => {
  const groups = `import { runVitest } from "./vitest.ts";
export const GROUPS = [
  { name: "planted", lane: "engine", what: "one lane", run: (run) => runVitest("safe", run) },
  { name: "other", lane: "beside", what: "the other lane", run: (run) => runVitest("rollout", run) },
];
`;
  // Each passes only when the other one has begun.
  const meets = (mine: string, theirs: string) => `import { existsSync, writeFileSync } from "node:fs";
${uses}test("meets the other", async () => {
  writeFileSync(${JSON.stringify(mine)}, "");
  for (let tries = 0; !existsSync(${JSON.stringify(theirs)}) && tries < 2_000; tries += 1) await new Promise((done) => setTimeout(done, 50));
  expect(existsSync(${JSON.stringify(theirs)})).toBe(true);
}, 120_000);
`;
  planted = plantedCheckout(groups, {
    "tests/safe/one.test.ts": meets("met-one", "met-other"),
    "tests/rollout/other.test.ts": meets("met-other", "met-one"),
    "scripts/test/minimums.json": '{ "planted": 1, "other": 1 }',
  });
  const { code, closing, output } = await planted.test();
  expect({ code, closing }).toEqual({ code: 0, closing: ["2 passed, 0 failed, 0 skipped"] });
  const held = output.slice(output.indexOf("== other: the other lane"));
  expect(held).toMatch(/tests\/rollout\/other\.test\.ts[^=]*\n== other: 1 passed, 0 failed, 0 skipped in \d+ s\n/);
});

test("a group that stands apart runs only where it is named, and is told what to run inside", async () => {
  const groups = `const counts = { passed: 1, failed: [], skipped: [] };
export const GROUPS = [
  { name: "planted", what: "one of all", run: async () => counts },
  { name: "apart", isApart: true, what: "hours", run: async ({ only }) => ({ ...counts, failed: [only.join("+")] }) },
];
`;
  planted = plantedCheckout(groups, { "scripts/test/minimums.json": '{ "planted": 1, "apart": 2 }' });
  expect((await planted.test()).closing).toEqual(["1 passed, 0 failed, 0 skipped"]);
  const { code, closing } = await planted.test("apart", "--only", "planted", "--only", "apart");
  expect({ code, closing }).toEqual({
    code: 1,
    closing: ["failed: planted+apart", "1 passed, 1 failed, 0 skipped"],
  });
  for (const wrong of [
    ["--only", "planted"],
    ["apart", "--only", "nope"],
  ])
    expect((await planted.test(...wrong)).code).toBe(64);
});
