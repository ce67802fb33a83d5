import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { recorded } from "../fleet/plans.ts";
import { accountFacts } from "./account.ts";
import { needsOf } from "./needs.ts";

type Answer = string | object | { readonly status: number; readonly refused: string };

/** What AWS's own pages show of each answer, as far as it is read. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  GetCallerIdentity:
    "<R><Arn>arn:aws:sts::123456789012:assumed-role/Admins/anna</Arn><Account>123456789012</Account></R>",
  GetRole: "<R><Role><Arn>arn:aws:iam::123456789012:role/teams/Admins</Arn></Role></R>",
  SimulatePrincipalPolicy: `<R>${["rds:CreateDBInstance", "ec2:CreateVpc"]
    .map(
      (name, at) =>
        `<member><EvalActionName>${name}</EvalActionName><EvalDecision>${at ? "allowed" : "implicitDeny"}</EvalDecision></member>`,
    )
    .join("")}</R>`,
  "AWSFreeTierService.GetAccountPlanState": { accountPlanType: "FREE" },
  "ServiceQuotasV20190624.GetServiceQuota": { Quota: { Value: 5 } },
  DescribeInstances: `<R><reservationSet>
    <item><instanceId>i-1</instanceId><coreCount>2</coreCount><threadsPerCore>2</threadsPerCore></item>
    <item><instanceId>i-2</instanceId><instanceLifecycle>spot</instanceLifecycle><coreCount>1</coreCount><threadsPerCore>1</threadsPerCore></item>
    <item><instanceId>i-3</instanceId><coreCount>8</coreCount><threadsPerCore>2</threadsPerCore><tagSet>
      <item><key>Environment</key><value>prod</value></item><item><key>Project</key><value>greenleaf</value></item></tagSet></item>
    </reservationSet></R>`,
  DescribeAddresses: "<R><item><publicIp>192.0.2.1</publicIp></item><item><publicIp>192.0.2.2</publicIp></item></R>",
  DescribeVpcs: "<R><item><vpcId>vpc-1</vpcId></item></R>",
  DescribeDBInstances: "<R><DBInstanceIdentifier>greenleaf-prod</DBInstanceIdentifier></R>",
  DescribeDBEngineVersions: "<R><EngineVersion>16.4</EngineVersion><EngineVersion>17.2</EngineVersion></R>",
  DescribeCacheEngineVersions: "<R><EngineVersion>7.2</EngineVersion></R>",
  DescribeInstanceTypes: "<R><defaultVCpus>2</defaultVCpus></R>",
  DescribeInstanceTypeOfferings: "<R><location>eu-west-3a</location><location>eu-west-3c</location></R>",
  "TrentService.DescribeKey": { KeyMetadata: { KeyState: "PendingDeletion" } },
  "AmazonSSM.GetParameters": { Parameters: [{ Name: "/greenleaf-account/signing-key" }] },
  "AmazonSSM.GetParametersByPath": { Parameters: [] },
  "AWSBudgetServiceGateway.DescribeBudget": {
    Budget: { BudgetName: "greenleaf-prod", CostFilters: { TagKeyValue: ["user:Environment$prod"] } },
  },
  "secretsmanager.DescribeSecret": { Name: "x", DeletedDate: 1_700_000_000 },
  "AWSInsightsIndexService.ListCostAllocationTags": {
    CostAllocationTags: [{ TagKey: "Environment", Status: "Inactive" }],
  },
  HEAD: { status: 403, refused: "Forbidden" },
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function aws(changes: Readonly<Record<string, Answer>> = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const target = request.headers["x-amz-target"];
    // The clock's question has no name.
    const rest = request.url === "/" ? "GET" : `GET ${request.url}`;
    const name =
      request.method === "HEAD" ? "HEAD" : (target?.toString() ?? new URLSearchParams(body).get("Action") ?? rest);
    asked.push(name);
    send(response, { ...ANSWERS, ...changes }[name] ?? "");
  };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "s" };
  return { asked, account: { region: "eu-west-3", endpoint: `http://127.0.0.1:${port}`, credentials } };
}

function send(response: ServerResponse, found: Answer): void {
  if (typeof found === "object" && "refused" in found) {
    response.writeHead(found.status).end(JSON.stringify({ __type: found.refused, message: "no" }));
  } else response.end(typeof found === "string" ? found : JSON.stringify(found));
}

const needs = needsOf(await recorded("prod", "a test"));

test("an account is seen as AWS's answers show it, without what the environment itself has", async () => {
  const { account } = await aws();
  const facts = await accountFacts(account, needs);
  const code = (value: string, used: number) => ({ value: { code: value, limit: 5, used } });
  expect(facts).toMatchObject({
    identity: { accountId: "123456789012" },
    plan: { value: "FREE" },
    onDemand: code("L-1216C47A", 4),
    spot: code("L-34B43A08", 1),
    addresses: code("L-0263D0A3", 2),
    networks: code("L-F678F1CE", 1),
    databases: code("L-7B6409FD", 0),
    types: { value: expect.arrayContaining([{ type: "t3.nano", vcpus: 2, zones: ["eu-west-3a", "eu-west-3c"] }]) },
    engines: { value: { "postgres 17": true, "valkey 8.0": false } },
    keyState: { value: "PendingDeletion" },
    signingKey: { value: true },
    buckets: { value: { state: "foreign", artifacts: "foreign" } },
    budget: { value: { is: "there", filter: ["user:Environment$prod"] } },
    costTag: { value: "Inactive" },
    mail: { value: undefined },
    denied: { value: ["rds:CreateDBInstance"] },
  });
  expect("value" in facts.images && Object.values(facts.images.value)).toEqual(needs.images.map(() => "no parameter"));
  expect("value" in facts.secrets && new Set(Object.values(facts.secrets.value))).toEqual(new Set(["deleted"]));
  expect("value" in facts.clockAheadMs && Math.abs(facts.clockAheadMs.value) < 60_000).toBe(true);
});

test("a quota that nobody ever asked to raise is AWS's default", async () => {
  const { account } = await aws({
    "ServiceQuotasV20190624.GetServiceQuota": { status: 400, refused: "NoSuchResourceException" },
    "ServiceQuotasV20190624.GetAWSDefaultServiceQuota": { Quota: { Value: 32 } },
  });
  expect(await accountFacts(account, needs)).toMatchObject({ onDemand: { value: { limit: 32 } } });
});

test("what these credentials may not look at is unseen, with AWS's own word, and the rest is seen", async () => {
  const { account } = await aws({
    "AWSInsightsIndexService.ListCostAllocationTags": { status: 400, refused: "AccessDeniedException" },
    SimulatePrincipalPolicy: { status: 403, refused: "AccessDenied" },
  });
  const facts = await accountFacts(account, needs);
  expect(facts).toMatchObject({
    costTag: { unseen: expect.stringContaining("AccessDenied") },
    denied: { unseen: expect.stringContaining("AccessDenied") },
    keyState: { value: "PendingDeletion" },
  });
});

test("every call only reads", async () => {
  const { account, asked } = await aws();
  await accountFacts(account, needs);
  expect(asked.length).toBeGreaterThan(15);
  const verbs = asked
    .map((name) => name.replace(/^.*\./, ""))
    .filter((name) => !/^(Get|Describe|List|Simulate|HEAD$|GET)/.test(name));
  expect(verbs).toEqual([]);
});

test.each<[state: string, answer: Answer]>([
  ["there", "<R><imageState>available</imageState></R>"],
  ["not ready", "<R><imageState>pending</imageState></R>"],
  ["gone", "<R><imagesSet/></R>"],
  ["gone", { status: 400, refused: "InvalidAMIID.NotFound" }],
])("an image behind a parameter, and one by its id, is %s", async (state, answer) => {
  const [name = ""] = needs.images;
  const { account } = await aws({
    "AmazonSSM.GetParameters": { Parameters: [{ Name: name, Value: "ami-0123456789abcdef0" }] },
    DescribeImages: answer,
  });
  const images = [name, "ami-0fedcba9876543210"];
  const facts = await accountFacts(account, { ...needs, images });
  expect(facts.images).toEqual({ value: Object.fromEntries(images.map((each) => [each, state])) });
});

test("a budget that nobody made yet is none", async () => {
  const refused = { status: 400, refused: "NotFoundException" };
  const { account } = await aws({ "AWSBudgetServiceGateway.DescribeBudget": refused });
  expect(await accountFacts(account, needs)).toMatchObject({ budget: { value: { is: "none" } } });
});

const written = {
  Parameters: [
    { Name: "/greenleaf/prod/mail/host", Value: "email-smtp.eu-west-1.amazonaws.com", Type: "String" },
    { Name: "/greenleaf/prod/mail/from", Value: "GreenLeaf <orders@shop.greenleaf.com>", Type: "String" },
    { Name: "/greenleaf/prod/mail/hidden", Value: "email-smtp.us-east-1.amazonaws.com", Type: "SecureString" },
  ],
};
const missing = { status: 404, refused: "NotFoundException" };

test("where parameters name SES, its sandbox and the sender's own, its domain's or its parent's identity are seen", async () => {
  const { account, asked } = await aws({
    "AmazonSSM.GetParametersByPath": written,
    "GET /v2/email/account": { ProductionAccessEnabled: false, SendingEnabled: true },
    "GET /v2/email/identities/orders%40shop.greenleaf.com": missing,
    "GET /v2/email/identities/shop.greenleaf.com": { VerifiedForSendingStatus: false },
    "GET /v2/email/identities/greenleaf.com": { VerifiedForSendingStatus: true },
  });
  expect((await accountFacts(account, needs)).mail).toEqual({
    value: {
      region: "eu-west-1",
      from: "orders@shop.greenleaf.com",
      isInSandbox: true,
      maySend: true,
      verified: "greenleaf.com",
    },
  });
  expect(asked.filter((name) => name.includes("identities")).length).toBe(3);
});

test("a sender that SES does not know is not verified", async () => {
  const { account } = await aws({
    "AmazonSSM.GetParametersByPath": written,
    "GET /v2/email/account": { ProductionAccessEnabled: true, SendingEnabled: true },
    ...Object.fromEntries(
      ["orders%40shop.greenleaf.com", "shop.greenleaf.com", "greenleaf.com"].map((name) => [
        `GET /v2/email/identities/${name}`,
        missing,
      ]),
    ),
  });
  const { mail } = await accountFacts(account, needs);
  expect(mail).toMatchObject({ value: { isInSandbox: false, verified: undefined } });
});
