import { expect, test } from "vitest";
import { parse } from "yaml";
import { MOST_DAYS } from "../../scripts/fleet/age.ts";
import { blocksOf, callsIn, type Job, pageOf, refusedOf } from "../support/page.ts";

const PAGE = pageOf("runbook-patch");

interface Workflow {
  readonly on: { readonly schedule: ReadonlyArray<{ readonly cron: string }> };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: { readonly patch: Job };
}
const workflow = parse(blocksOf(PAGE, "yaml")[0] ?? "") as Workflow;
const { steps, environment, ...job } = workflow.jobs.patch;

test("each command of the page is one that ./greenleaf takes, with its options", () => {
  const calls = callsIn([
    ...blocksOf(PAGE, "sh").flatMap((block) => block.split("\n")),
    ...steps.map(({ run = "" }) => run),
  ]);
  expect(calls.length).toBeGreaterThanOrEqual(6);
  for (const call of calls) expect([call, refusedOf(call)]).toEqual([call, []]);
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
  const { Statement } = JSON.parse(blocksOf(PAGE, "json")[0] ?? "{}") as {
    Statement: ReadonlyArray<{ Action: string; Condition: Record<string, Record<string, string>> }>;
  };
  expect(Statement.map(({ Action }) => Action)).toEqual(["sts:AssumeRoleWithWebIdentity"]);
  const { StringEquals = {}, ...wider } = Statement[0]?.Condition ?? {};
  expect([wider, Object.keys(StringEquals).length]).toEqual([{}, 2]);
  expect(StringEquals["token.actions.githubusercontent.com:sub"]).toMatch(
    new RegExp(`^repo:[^*]+:environment:${environment}$`),
  );
});
