import { runSimulation } from "@cloud-copilot/iam-simulate";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { blocksOf, callsIn, type Job, pageOf, refusedOf } from "../support/page.ts";

const PAGE = pageOf("runbook-pipeline");

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: string | Readonly<Record<string, unknown>>;
  readonly defaults?: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

const [plan, deploy] = blocksOf(PAGE, "yaml").map((text) => parse(text) as Workflow) as [Workflow, Workflow];
const [rights, planTrust, deployTrust] = blocksOf(PAGE, "json").map((text) => JSON.parse(text));
const jobs = [plan, deploy].flatMap((workflow) => Object.values(workflow.jobs));
const linesOf = (job: Job | undefined) => (job?.steps ?? []).flatMap(({ run = "" }) => run.split("\n"));

test("each command of the page is one that ./greenleaf takes, with its options", () => {
  const calls = callsIn([...blocksOf(PAGE, "sh").flatMap((block) => block.split("\n")), ...jobs.flatMap(linesOf)]);
  expect(calls.map(([name]) => name)).toEqual(["cost", "test", "release", "deploy", "preflight", "deploy", "history"]);
  for (const call of calls) expect([call, refusedOf(call)]).toEqual([call, []]);
});

test("a command that fails fails its job, also before a pipe", () => {
  for (const workflow of [plan, deploy]) expect(workflow.defaults?.run.shell).toBe("bash");
});

test("no job holds a key: each takes a role by web identity", () => {
  expect(PAGE).not.toMatch(/secrets\.|AWS_SECRET_ACCESS_KEY|AKIA/);
  for (const { permissions } of [plan, deploy]) expect(permissions).toEqual({ contents: "read", "id-token": "write" });
  for (const { steps } of jobs) {
    const login = steps.find(({ uses = "" }) => uses.startsWith("aws-actions/configure-aws-credentials@"))?.with ?? {};
    expect(Object.keys(login).toSorted()).toEqual(["aws-region", "role-to-assume"]);
  }
});

test("a pull request reads: its plan takes no lock and is saved, priced and never applied", () => {
  expect(Object.keys(plan.on)).toEqual(["pull_request"]);
  const terraform = linesOf(plan.jobs.plan).filter((line) => line.startsWith("terraform"));
  expect(terraform.map((line) => line.split(" ")[2])).toEqual(["init", "plan", "show"]);
  expect(terraform[0]).toContain("-lockfile=readonly");
  expect(terraform[1]).toContain("-lock=false");
});

test("main's release runs in preprod before the same release goes to prod, and no deploy is cancelled half way", () => {
  expect(deploy.on).toEqual({ push: { branches: ["main"] } });
  expect(deploy.concurrency).toBe("deploy");
  const { preprod, prod } = deploy.jobs;
  expect(callsIn(linesOf(preprod)).map((call) => call.slice(0, 3))).toEqual([
    ["release", "--env", "preprod"],
    ["deploy", "preprod", "--in-place"],
  ]);
  expect([prod?.needs, prod?.environment, preprod?.environment]).toEqual(["preprod", "prod", "preprod"]);
  expect(linesOf(prod).join("\n")).toMatch(/deploy prod \$\{\{ needs\.preprod\.outputs\.release \}\} /);
  expect(linesOf(prod).join("\n")).not.toMatch(/greenleaf release/);
});

// Bootstrap's key leaves to the account's policies who may use it.
const KEY_POLICY = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "kms:*", Resource: "*" },
  ],
};
const ROLE = "arn:aws:iam::000000000000:role/ci";
const filled = (policy: unknown): unknown =>
  JSON.parse(
    JSON.stringify(policy)
      .replaceAll("ACCOUNT", "000000000000")
      .replaceAll("KEY_ID", "11111111-2222-3333-4444-555555555555"),
  );

// Beside it stands a policy that allows everything: what is denied here is denied whatever AWS's own one grows.
async function answered(
  action: string,
  resource: string,
  contextVariables: Record<string, string> = {},
  beside: object[] = [],
) {
  const answer = await runSimulation(
    {
      request: { principal: ROLE, action, resource: { resource, accountId: "000000000000" }, contextVariables },
      identityPolicies: [
        { name: "page", policy: filled(rights) },
        ...beside.map((policy) => ({ name: "beside", policy })),
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(action.startsWith("kms:") ? { resourcePolicy: KEY_POLICY } : {}),
    },
    {},
  );
  if (answer.resultType === "error") throw new Error(JSON.stringify(answer.errors));
  return answer.overallResult;
}

test("a pull request's role decrypts what S3 and SSM hand out and nothing else, and reads no secret of the shop", async () => {
  const key = "arn:aws:kms:eu-west-3:000000000000:key/11111111-2222-3333-4444-555555555555";
  const by = (service: string) => ({ "kms:ViaService": `${service}.eu-west-3.amazonaws.com` });
  const all = [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }];
  const secret = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:greenleaf/prod/db-abcdef";
  expect(await answered("kms:Decrypt", key, by("s3"))).toBe("Allowed");
  expect(await answered("kms:Decrypt", key, by("ssm"))).toBe("Allowed");
  expect(await answered("kms:Decrypt", key, by("secretsmanager"))).toBe("ImplicitlyDenied");
  expect(await answered("kms:Decrypt", key)).toBe("ImplicitlyDenied");
  expect(await answered("secretsmanager:GetSecretValue", secret, {}, all)).toBe("ExplicitlyDenied");
});

test("each role is assumed by this repository alone: one by pull requests, one by the two environments", () => {
  const trusted = (policy: {
    Statement: ReadonlyArray<{ Action: string; Condition: Record<string, Record<string, unknown>> }>;
  }) => {
    expect(policy.Statement.map(({ Action }) => Action)).toEqual(["sts:AssumeRoleWithWebIdentity"]);
    const { StringEquals = {}, ...wider } = policy.Statement[0]?.Condition ?? {};
    expect([wider, StringEquals["token.actions.githubusercontent.com:aud"]]).toEqual([{}, "sts.amazonaws.com"]);
    return StringEquals["token.actions.githubusercontent.com:sub"];
  };
  expect(trusted(planTrust)).toBe("repo:OWNER/REPOSITORY:pull_request");
  const environments = Object.values(deploy.jobs).map(
    ({ environment }) => `repo:OWNER/REPOSITORY:environment:${environment}`,
  );
  expect(trusted(deployTrust)).toEqual(environments);
});
