import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const program = (
  body: string,
) => `import { installLastWords } from ${JSON.stringify(join(import.meta.dirname, "last-words.ts"))};
import { ConfigurationError } from ${JSON.stringify(join(import.meta.dirname, "errors.ts"))};
installLastWords();
${body}
setInterval(() => {}, 1000);`;

const run = (body: string) =>
  spawnSync(process.execPath, ["--input-type=module", "-e", program(body)], { encoding: "utf8", timeout: 60_000 });

test.each([
  ["a callback", "setTimeout(() => { throw new Error('lost') });"],
  ["a promise nobody waits for", "Promise.reject(new Error('lost'));"],
  [
    "an emitter without a listener",
    "import('node:events').then(({ EventEmitter }) => setTimeout(() => new EventEmitter().emit('error', new Error('lost'))));",
  ],
])("an error thrown in %s ends the process in words, with the code of a bug", (_where, body) => {
  const { status, stderr } = run(body);
  expect([status, stderr.split("\n")[0]]).toEqual([70, "error: lost"]);
});

test("one of ours keeps its own code", () => {
  const { status, stderr } = run("Promise.reject(new ConfigurationError('wrong', { why: 'because', fix: 'fix it' }));");
  expect([status, stderr]).toEqual([78, "error: wrong\nwhy:   because\nfix:   fix it\n"]);
});

test("where something else listens as well, that one ends the process", () => {
  expect(
    run("process.on('uncaughtException', () => process.exit(3)); setTimeout(() => { throw new Error('lost') });")
      .status,
  ).toBe(3);
});
