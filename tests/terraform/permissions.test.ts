import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ofType, text } from "../../scripts/fleet/resource.ts";
import { plans } from "./fleet.ts";
import { list, statementsOf } from "./policies/policy.ts";

const ADAPTERS = join(import.meta.dirname, "../../node-agent/src/adapters/aws");
const ROLES: Readonly<Record<string, readonly string[]>> = {
  "parameters.ts": ["app"],
  "parameters-sdk.ts": ["app"],
  "secrets.ts": ["app"],
  "secrets-sdk.ts": ["app"],
  "versions.ts": ["app"],
  "registry-login.ts": ["app"],
  "objects.ts": ["app"],
  "autoscaling.ts": ["app", "router"],
  "ec2.ts": ["router"],
  "lease.ts": ["router"],
};

/** Actions that no adapter calls by name, each with who does. */
const OTHERS: Readonly<Record<string, string>> = {
  "kms:Decrypt": "what parameters, secrets, archives and the lease are opened with",
  "kms:GenerateDataKey": "Session Manager's encryption",
  "s3:GetObject": "user_data, for the agent's archive",
  "ecr:BatchGetImage": "pulls",
  "ecr:GetDownloadUrlForLayer": "pulls",
  "ecr:BatchCheckLayerAvailability": "pulls",
};
/** AWS's own agent on the node; no adapter of ours. */
const SESSION = /^(Session)/;

/** Actions an adapter names whole, sends as an SDK command, or gives to a signed call of its one service. */
function actionsOf(file: string, source: string): readonly string[] {
  const whole = [...source.matchAll(/"((?:ssm|secretsmanager|ecr|s3):[A-Z]\w+)"/g)].map(([, action = ""]) => action);
  const sdk = source.match(/from "@aws-sdk\/client-([\w-]+)"/)?.[1]?.replaceAll("-", "");
  const commands = [...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => `${sdk}:${name}`);
  const service = file === "lease.ts" ? "dynamodb" : source.match(/service: "(\w+)", apiVersion/)?.[1];
  const signed = [...source.matchAll(/\b(?:query|act|send)\("([A-Z][A-Za-z]+[a-z])"/g)].map(
    ([, name]) => `${service}:${name}`,
  );
  return [...new Set([...whole, ...commands, ...signed])];
}

async function calls(): Promise<ReadonlyArray<{ action: string; roles: readonly string[] }>> {
  const files = (await Array.fromAsync(glob("*.ts", { cwd: ADAPTERS }))).filter((name) => !name.includes(".test."));
  const found = files.map(async (file) => {
    const actions = actionsOf(file, await readFile(join(ADAPTERS, file), "utf8"));
    return actions.map((action) => ({ action, roles: ROLES[file] ?? [] }));
  });
  return (await Promise.all(found)).flat();
}

const fleets = await plans();
const called = await calls();

test("every AWS call of an adapter is found, and belongs to a role", () => {
  expect(called.length).toBeGreaterThanOrEqual(12);
  expect(called.filter(({ action, roles }) => action.startsWith("undefined") || roles.length === 0)).toEqual([]);
});

test.each(fleets)(
  "in $environment a role may do what its adapters call, on ARNs of that environment, and nothing more",
  ({ environment, resources }) => {
    for (const role of ["app", "router"]) {
      const policy = ofType(resources, "aws_iam_role_policy").find(
        ({ address }) => address === `module.access.aws_iam_role_policy.node["${role}"]`,
      );
      const statements = statementsOf(policy?.values.policy);
      const own = statements.filter(({ Sid }) => !SESSION.test(Sid ?? ""));
      const allowed = new Set(own.flatMap(({ Action }) => list(Action)));
      const wanted = new Set(called.filter(({ roles }) => roles.includes(role)).map(({ action }) => action));
      expect([...wanted].filter((action) => !allowed.has(action))).toEqual([]);
      expect([...allowed].filter((action) => !wanted.has(action) && !(action in OTHERS))).toEqual([]);
      for (const { Sid, Resource } of own) {
        const elsewhere = list(Resource).filter(
          (arn) =>
            /greenleaf[-/](prod|preprod|dev)\b/.test(arn) && !new RegExp(`greenleaf[-/]${environment}\\b`).test(arn),
        );
        expect([Sid, elsewhere]).toEqual([Sid, []]);
      }
      expect(text(policy?.values.policy).length).toBeLessThan(10_240);
    }
  },
);
