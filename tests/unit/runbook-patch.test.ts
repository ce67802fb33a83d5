import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { COMMANDS } from "../../scripts/cli/commands.ts";
import { MOST_DAYS } from "../../scripts/fleet/age.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/runbook-patch.md"), "utf8");
const blocks = (language: string): readonly string[] =>
  [...PAGE.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text = ""]) => (name === language ? [text] : []));

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: { readonly schedule: ReadonlyArray<{ readonly cron: string }> };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: {
    readonly patch: { readonly "timeout-minutes": number; readonly environment: string; steps: Step[] };
  };
}
const workflow = parse(blocks("yaml")[0] ?? "") as Workflow;
const { steps, environment, ...job } = workflow.jobs.patch;

/** Commands of ./greenleaf in shell lines, split into words. */
const callsIn = (lines: readonly string[]): readonly string[][] =>
  lines.flatMap((line) => {
    const words = /\.\/greenleaf ([^#|]*)/.exec(line)?.[1]?.trim().split(/\s+/);
    return words === undefined ? [] : [words];
  });

test("each command of the page is one that ./greenleaf takes, with its options", () => {
  const calls = callsIn([...blocks("sh").flatMap((block) => block.split("\n")), ...steps.map(({ run = "" }) => run)]);
  expect(calls.length).toBeGreaterThanOrEqual(6);
  for (const [name = "", ...args] of calls) {
    const command = COMMANDS.find((each) => each.name === name);
    const unknown = args.filter((each) => each.startsWith("--") && !(each.slice(2) in (command?.options ?? {})));
    expect([name, command?.name, unknown]).toEqual([name, name, []]);
  }
});

test("the job runs once a month, more often than anything may grow old, and patches what it is for", () => {
  const [minute, hour, day, ...rest] = workflow.on.schedule[0]?.cron.split(" ") ?? [];
  expect([[minute, hour, day].every((field) => /^\d+$/.test(field ?? "")), rest]).toEqual([true, ["*", "*"]]);
  // The longest month between two runs.
  expect(MOST_DAYS).toBeGreaterThan(31);
  const last = steps.at(-1)?.run ?? "";
  expect(steps.some(({ run }) => run === `sudo --preserve-env ./greenleaf patch ${environment}`)).toBe(true);
  expect(last).toContain(".warnings == []");
});

test("its credentials are a role's by web identity, for as long as the job may run, and no key", () => {
  const login = steps.find(({ uses = "" }) => uses.startsWith("aws-actions/configure-aws-credentials@"))?.with ?? {};
  expect(Object.keys(login).toSorted()).toEqual(["aws-region", "role-duration-seconds", "role-to-assume"]);
  expect(Number(login["role-duration-seconds"])).toBeGreaterThanOrEqual(job["timeout-minutes"] * 60);
  expect(workflow.permissions).toEqual({ contents: "read", "id-token": "write" });
  expect(PAGE).not.toMatch(/secrets\.|AWS_SECRET_ACCESS_KEY|AKIA/);
});

test("the role is assumed by that environment of that repository alone", () => {
  const { Statement } = JSON.parse(blocks("json")[0] ?? "{}") as {
    Statement: ReadonlyArray<{ Action: string; Condition: Record<string, Record<string, string>> }>;
  };
  expect(Statement.map(({ Action }) => Action)).toEqual(["sts:AssumeRoleWithWebIdentity"]);
  const { StringEquals = {}, ...wider } = Statement[0]?.Condition ?? {};
  expect([wider, Object.keys(StringEquals).length]).toEqual([{}, 2]);
  expect(StringEquals["token.actions.githubusercontent.com:sub"]).toMatch(
    new RegExp(`^repo:[^*]+:environment:${environment}$`),
  );
});
