import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { expect, test } from "vitest";
import { ENVIRONMENTS, RECORDED } from "../../scripts/fleet/plans.ts";
import { ofType, type Resource, text } from "../../scripts/fleet/resource.ts";
import { list, statementsOf } from "../terraform/policies/policy.ts";

type Role = "app" | "router";

/** A call as AWS sees it: what it is about, and what it knows of that. */
interface Call {
  readonly kind: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
  /** A key has a policy of its own, which must allow as well. */
  readonly keyPolicy?: unknown;
}

const ACCOUNT = "000000000000";
const REGION = "eu-west-3";
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const fleets = ENVIRONMENTS.map((environment) => {
  const resources = JSON.parse(readFileSync(join(RECORDED, `${environment}.json`), "utf8")) as Resource[];
  return { environment, resources };
});
type Planned = (typeof fleets)[number];

// In a recorded plan keys and log groups are mocked, one ARN for all environments; here each has its own.
const MOCKED_KEY = "arn:aws:kms:eu-west-3:123456789012:key/11111111-2222-3333-4444-555555555555";
const keyOf = (environment: string) => arn("kms", `key/${environment}`);
const BOOTSTRAP_KEY = arn("kms", "key/bootstrap");
const OWN_KEY_POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" }],
};

function policyOf({ environment, resources }: Planned, role: Role): string {
  const found = ofType(resources, "aws_iam_role_policy").find(
    ({ address }) => address === `module.access.aws_iam_role_policy.node["${role}"]`,
  );
  return text(found?.values.policy).replaceAll(MOCKED_KEY, keyOf(environment));
}

async function verdict(planned: Planned, role: Role, call: Call): Promise<string> {
  const { action, resource, context = {}, keyPolicy } = call;
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${ACCOUNT}:assumed-role/greenleaf-${planned.environment}-${role}/i-0123456789abcdef0`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...context },
      },
      identityPolicies: [{ name: "agent", policy: JSON.parse(policyOf(planned, role)) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(keyPolicy === undefined ? {} : { resourcePolicy: keyPolicy }),
    },
    {},
  );
  if (answer.resultType === "error") throw new Error(`${action} ${resource}: ${JSON.stringify(answer.errors)}`);
  const results = answer.resultType === "single" ? [answer.result] : answer.results;
  const ignored = results.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys);
  // A condition on a key that AWS does not send with this call would never hold there.
  if (ignored.length > 0) throw new Error(`${action}: AWS sends no ${ignored.join(", ")}`);
  return answer.overallResult;
}

const tagsOf = ({ values }: Resource): Record<string, string> =>
  Object.fromEntries(
    Object.entries((values.tags_all ?? {}) as Record<string, string>).map(([key, value]) => [
      `aws:ResourceTag/${key}`,
      value,
    ]),
  );
/** As the group hands them to what it starts; an instance's own interface carries them as well. */
const startedTags = (environment: string, role: string): Record<string, string> => ({
  "aws:ResourceTag/Project": "greenleaf",
  "aws:ResourceTag/Environment": environment,
  "aws:ResourceTag/Role": role,
});

const via = (service: string) => ({ "kms:ViaService": `${service}.${REGION}.amazonaws.com` });
const decrypt = (kind: string, key: string, context: Call["context"]): Call => ({
  kind,
  action: "kms:Decrypt",
  resource: key,
  keyPolicy: OWN_KEY_POLICY,
  ...(context === undefined ? {} : { context }),
});
const bootstrapKey = (service: string): Call =>
  decrypt("bootstrap's key", BOOTSTRAP_KEY, { ...via(service), "kms:ResourceAliases": ["alias/greenleaf"] });

const everywhere = (...actions: readonly string[]): Call[] =>
  actions.map((action) => ({ kind: "unscoped", action, resource: "*" }));
const object = (kind: string, path: string, action = "s3:GetObject"): Call => ({
  kind,
  action,
  resource: `arn:aws:s3:::greenleaf-${path}`,
});
const groups = ({ resources }: Planned, role: Role): Call[] =>
  ofType(resources, "aws_autoscaling_group")
    .filter(({ address }) => address.startsWith(`module.${role}.`))
    .map(({ values }) => ({
      kind: "another group",
      action: "autoscaling:CompleteLifecycleAction",
      resource: arn("autoscaling", `autoScalingGroup:0123:autoScalingGroupName/${text(values.name)}`),
    }));
const parameters = ({ resources, environment }: Planned): Call[] =>
  [
    ...ofType(resources, "aws_ssm_parameter").map(({ values }) => text(values.name)),
    ...["release", "previous", "shop/publishable_key"].map((name) => `/greenleaf/${environment}/${name}`),
  ]
    .filter((name) => name.startsWith(`/greenleaf/${environment}/`))
    .map((name) => ({ kind: "parameters", action: "ssm:GetParameters", resource: arn("ssm", `parameter${name}`) }));
const secrets = ({ environment }: Planned): Call[] =>
  ["db", "redis", "backend", "media", "admin"].flatMap((name) =>
    ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"].map((action) => ({
      kind: "secrets",
      action,
      resource: arn("secretsmanager", `secret:greenleaf/${environment}/${name}-AbCdEf`),
    })),
  );
const publishes = ({ environment }: Planned): Call => ({
  kind: "parameters",
  action: "ssm:PutParameter",
  resource: arn("ssm", `parameter/greenleaf/${environment}/shop/publishable_key`),
});
const lease = ({ resources }: Planned): Call[] =>
  ofType(resources, "aws_dynamodb_table").flatMap(({ values }) =>
    ["dynamodb:GetItem", "dynamodb:PutItem"].map((action) => ({
      kind: "leases",
      action,
      resource: arn("dynamodb", `table/${text(values.name)}`),
    })),
  );
const INTERFACE_CALLS = ["AttachNetworkInterface", "ModifyNetworkInterfaceAttribute", "AssignPrivateIpAddresses"];
const interfaces = (of: Planned): Call[] =>
  ofType(of.resources, "aws_network_interface").flatMap((one, index) =>
    [...INTERFACE_CALLS, "AssociateAddress"].map((name) => ({
      kind: "interfaces",
      action: `ec2:${name}`,
      resource: arn("ec2", `network-interface/eni-0000000000000000${index}`),
      context: tagsOf(one),
    })),
  );
const addresses = (of: Planned): Call[] =>
  ofType(of.resources, "aws_eip").map((one, index) => ({
    kind: "addresses",
    action: "ec2:AssociateAddress",
    resource: arn("ec2", `elastic-ip/eipalloc-0000000000000000${index}`),
    context: tagsOf(one),
  }));
const routes = (of: Planned, wanted: (table: Resource) => boolean): Call[] =>
  ofType(of.resources, "aws_route_table")
    .filter(wanted)
    .map((one, index) => ({
      kind: "routes",
      action: "ec2:ReplaceRoute",
      resource: arn("ec2", `route-table/rtb-0000000000000000${index}`),
      context: tagsOf(one),
    }));
const instances = (environment: string, role: Role): Call[] => [
  {
    kind: "instances",
    action: "ec2:AttachNetworkInterface",
    resource: arn("ec2", "instance/i-0123456789abcdef0"),
    context: startedTags(environment, role),
  },
];
const appInterfaces = (environment: string): Call[] =>
  INTERFACE_CALLS.map((name) => ({
    kind: "app nodes' interfaces",
    action: `ec2:${name}`,
    resource: arn("ec2", "network-interface/eni-0123456789abcdef0"),
    context: startedTags(environment, "app"),
  }));
const images: Call[] = ["backend", "storefront", "caddy"].flatMap((name) =>
  ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"].map((action) => ({
    kind: "images",
    action,
    resource: arn("ecr", `repository/greenleaf/${name}`),
  })),
);
const agent = object("artifacts", `artifacts-${ACCOUNT}/agent/0.1.0/x86_64/SHA256SUMS`);
const stack = object("artifacts", `artifacts-${ACCOUNT}/stack/0123456789ab.tar.gz`);
const isAppTable = ({ values }: Resource) => (values.tags_all as Record<string, string>).Tier === "app";

/** What the agent's adapters, user_data and the engine call (tests/terraform/permissions.test.ts compares the actions). */
function needed(planned: Planned, role: Role): readonly Call[] {
  const shared = [...everywhere("autoscaling:DescribeAutoScalingInstances"), ...groups(planned, role), agent];
  if (role === "app")
    return [
      ...shared,
      ...parameters(planned),
      publishes(planned),
      ...everywhere("secretsmanager:BatchGetSecretValue", "ecr:GetAuthorizationToken"),
      ...secrets(planned),
      ...images,
      stack,
      bootstrapKey("secretsmanager"),
      bootstrapKey("ssm"),
      bootstrapKey("s3"),
    ];
  return [
    ...shared,
    ...everywhere("ec2:DescribeRouteTables"),
    ...interfaces(planned),
    ...addresses(planned),
    ...instances(planned.environment, "router"),
    ...routes(planned, isAppTable),
    ...lease(planned),
    decrypt("leases", keyOf(planned.environment), via("dynamodb")),
    bootstrapKey("s3"),
  ];
}

const DESTRUCTIVE: readonly Call[] = [
  { kind: "people", action: "iam:CreateUser", resource: `arn:aws:iam::${ACCOUNT}:user/somebody` },
  { kind: "people", action: "iam:PassRole", resource: `arn:aws:iam::${ACCOUNT}:role/greenleaf-prod-app` },
  { kind: "destruction", action: "ec2:TerminateInstances", resource: arn("ec2", "instance/i-0123456789abcdef0") },
  { kind: "destruction", action: "ec2:DeleteRoute", resource: arn("ec2", "route-table/rtb-0123456789abcdef0") },
  { kind: "destruction", action: "rds:DeleteDBInstance", resource: arn("rds", "db:greenleaf-prod") },
  {
    kind: "destruction",
    action: "dynamodb:DeleteTable",
    resource: arn("dynamodb", "table/greenleaf-prod-router-lease"),
  },
  { kind: "keys", action: "kms:ScheduleKeyDeletion", resource: BOOTSTRAP_KEY, keyPolicy: OWN_KEY_POLICY },
  object("writing artifacts", `artifacts-${ACCOUNT}/agent/0.1.0/x86_64/SHA256SUMS`, "s3:PutObject"),
  object("state", `state-${ACCOUNT}/greenleaf.tfstate`),
  {
    kind: "the signing key",
    action: "ssm:GetParameters",
    resource: arn("ssm", "parameter/greenleaf-account/signing-key"),
  },
  {
    kind: "the origin's header",
    action: "ssm:GetParameters",
    resource: arn("ssm", "parameter/greenleaf-edge/prod/origin-header"),
  },
  // Past the service that bootstrap's key is for, and a key that is not its.
  decrypt("keys", BOOTSTRAP_KEY, { "kms:ResourceAliases": ["alias/greenleaf"] }),
  decrypt("keys", arn("kms", "key/other"), { ...via("s3"), "kms:ResourceAliases": ["alias/other"] }),
];

/** All that nodes of an environment may do to what is theirs. */
function everyCallOf(other: Planned): readonly Call[] {
  return [
    ...parameters(other),
    publishes(other),
    ...secrets(other),
    ...lease(other),
    ...groups(other, "app"),
    ...groups(other, "router"),
    ...interfaces(other),
    ...addresses(other),
    ...instances(other.environment, "router"),
    ...routes(other, () => true),
    ...appInterfaces(other.environment),
    decrypt("keys", keyOf(other.environment), via("dynamodb")),
  ];
}

/** Drawn from the plan's other resources, and from the other plans. */
function forbidden(planned: Planned, role: Role): readonly Call[] {
  const { environment } = planned;
  const others = fleets.filter((one) => one.environment !== environment);
  const foreign = others.flatMap((other) => everyCallOf(other));
  const own =
    role === "app"
      ? [...lease(planned), ...interfaces(planned), ...addresses(planned), ...routes(planned, () => true)]
      : [
          ...parameters(planned),
          publishes(planned),
          ...secrets(planned),
          ...images,
          stack,
          ...routes(planned, (table) => !isAppTable(table)),
          ...instances(environment, "app"),
          bootstrapKey("secretsmanager"),
          bootstrapKey("ssm"),
        ];
  return [
    ...foreign,
    ...own,
    ...appInterfaces(environment),
    ...groups(planned, role === "app" ? "router" : "app"),
    ...DESTRUCTIVE,
  ];
}

const CASES = fleets.flatMap((planned) =>
  (["app", "router"] as const).map((role) => ({ planned, role, environment: planned.environment })),
);

test.each(CASES)("$role nodes of $environment may do all they must", async ({ planned, role }) => {
  const refused: string[] = [];
  for (const call of needed(planned, role)) {
    const said = await verdict(planned, role, call);
    if (said !== "Allowed") refused.push(`${call.action} ${call.resource}: ${said}`);
  }
  expect(refused).toEqual([]);
});

test.each(CASES)(
  "$role nodes of $environment may do nothing of a hundred other things, of ten kinds",
  async ({ planned, role }) => {
    const calls = forbidden(planned, role);
    expect(calls.length).toBeGreaterThanOrEqual(100);
    expect(new Set(calls.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(10);
    const allowed: string[] = [];
    for (const call of calls) {
      const said = await verdict(planned, role, call);
      if (said === "Allowed") allowed.push(`${call.kind}: ${call.action} ${call.resource}`);
    }
    expect(allowed).toEqual([]);
  },
);

test("more than 200 calls are held against each role", () => {
  for (const role of ["app", "router"] as const) {
    const calls = fleets.flatMap((planned) => forbidden(planned, role));
    expect(calls.length).toBeGreaterThanOrEqual(200);
  }
});

/** Granted to AWS's own Session Manager agent, which is no program of ours. */
const SESSION = /^Session/;

test.each(CASES)(
  "no grant of $role nodes in $environment is without a call that needs it",
  async ({ planned, role }) => {
    const wanted = new Set(needed(planned, role).map(({ action }) => action));
    const granted = statementsOf(policyOf(planned, role)).filter(({ Sid }) => !SESSION.test(Sid ?? ""));
    expect(granted.flatMap(({ Action }) => list(Action)).filter((action) => !wanted.has(action))).toEqual([]);
  },
);

test("an action that AWS does not have is an error, not a refusal", async () => {
  const [planned] = fleets as [Planned];
  const call = { kind: "unknown", action: "ec2:ReplaceRoutes", resource: "*" };
  await expect(verdict(planned, "router", call)).rejects.toThrow("ReplaceRoutes");
});
