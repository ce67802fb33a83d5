import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** What is wrong with the first line of a commit, as CONTRIBUTING.md wants it; undefined for nothing. */
function problemOf(subject: string): string | undefined {
  if (subject.length > 72) return `${subject.length} characters, and 72 are the most: ${subject}`;
  return /^[^\s:][^:]*: \S.*[^\s.]$/.test(subject) ? undefined : `not "area: imperative subject": ${subject}`;
}

test.each([
  ["scripts/down: name the mailbox", undefined],
  ["node-agent, docs: say the same", undefined],
  ["name the mailbox", "not"],
  [": name the mailbox", "not"],
  ["scripts: name the mailbox.", "not"],
  ["scripts:name the mailbox", "not"],
  [`scripts: ${"x".repeat(63)}`, undefined],
  [`scripts: ${"x".repeat(64)}`, "73 characters"],
])("the subject %j", (subject, problem) => {
  if (problem === undefined) expect(problemOf(subject)).toBeUndefined();
  else expect(problemOf(subject)).toContain(problem);
});

// What has landed can be changed no more; where git, its history or the branch is missing there is nothing to judge.
test("every commit of this branch says where and what in its first line", () => {
  const argv = ["log", "--no-merges", "--format=%s", "main..HEAD"];
  const { stdout } = spawnSync("git", argv, { cwd: import.meta.dirname, encoding: "utf8" });
  const subjects = stdout.split("\n").filter((line) => line !== "");
  expect(subjects.flatMap((subject) => problemOf(subject) ?? [])).toEqual([]);
});
