import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENVIRONMENTS, recorded } from "../fleet/plans.ts";
import type { AccountFacts, Quota } from "./facts.ts";
import type { MailFact } from "./mail.ts";
import { type Needs, needsOf } from "./needs.ts";
import { pageOf } from "./page.ts";
import { findingsOf } from "./rules.ts";

const quota = (limit: number, used = 0) => ({ value: { code: "L-1216C47A", limit, used } satisfies Quota });
const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, true]));

const SES = { isInSandbox: false, maySend: true, verified: "greenleaf.com" };

/** An account in which nothing is wrong. */
function clean(needs: Needs): AccountFacts {
  const types = [...new Set(needs.groups.map(({ type }) => type))];
  const engines = [...needs.databases, ...needs.caches].map(({ engine, version }) => `${engine} ${version}`);
  return {
    identity: { accountId: "123456789012", arn: "arn:aws:iam::123456789012:user/anna" },
    clockAheadMs: { value: 900 },
    plan: { value: "PAID" },
    onDemand: quota(64, 4),
    spot: quota(64),
    addresses: quota(5),
    networks: quota(5, 1),
    databases: quota(40, 3),
    types: { value: types.map((type) => ({ type, vcpus: 2, zones: ["eu-west-3a", "eu-west-3b"] })) },
    engines: { value: all(engines) },
    images: { value: Object.fromEntries(needs.images.map((name) => [name, "there"])) },
    budget: { value: { is: "there", filter: [`user:Environment$${needs.environment}`] } },
    mail: { value: { region: "eu-west-3", from: "shop@greenleaf.com", ...SES } },
    keyState: { value: "Enabled" },
    linkedRoles: { value: all(["AWSServiceRoleForAutoScaling", "AWSServiceRoleForEC2Spot"]) },
    signingKey: { value: true },
    secrets: { value: Object.fromEntries(needs.secrets.map((name) => [name, "there"])) },
    buckets: { value: { state: "ours", artifacts: "ours" } },
    costTag: { value: "Active" },
    denied: { value: [] },
  };
}

const prod = needsOf(await recorded("prod", "a test"));

test("a plan says what it takes of an account at its peak", () => {
  expect(prod).toMatchObject({ environment: "prod", addresses: 2, networks: 1, countsByTag: true });
  expect(prod.groups.map(({ name, type, isSpot }) => [name, type, isSpot])).toEqual([
    ["greenleaf-prod-app", "t3.medium", false],
    ["greenleaf-prod-router-eu-west-3a", "t3.nano", false],
    ["greenleaf-prod-router-eu-west-3b", "t3.nano", false],
  ]);
  // Two app nodes, and a third while they are refreshed.
  expect(prod.groups[0]?.atMost).toBeGreaterThanOrEqual(3);
  expect([prod.databases, prod.caches]).toEqual([
    [{ engine: "postgres", version: "17" }],
    [{ engine: "valkey", version: "8.0" }],
  ]);
  expect(prod.images.length).toBeGreaterThan(0);
});

test.each(ENVIRONMENTS)("nothing is said against a clean account for %s", async (environment) => {
  const needs = needsOf(await recorded(environment, "a test"));
  const findings = findingsOf(needs, clean(needs));
  expect(findings.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(pageOf(environment, findings, false)).toContain(`nothing seen would stop an apply of ${environment}`);
});

const secret = prod.secrets[0] ?? "";
const image = prod.images[0] ?? "";
/** Each with the row of tests/aws/refusals.json that it is, where it is one. */
const obstacles: ReadonlyArray<[subject: string, word: string, planted: Partial<AccountFacts>, id?: string]> = [
  ["clock", "behind", { clockAheadMs: { value: -400_000 } }, "AWS-CLOCK"],
  ["clock", "ahead", { clockAheadMs: { value: 400_000 } }],
  ["rights", "rds:CreateDBInstance", { denied: { value: ["rds:CreateDBInstance"] } }],
  ["account plan", "t3.medium", { plan: { value: "FREE" } }, "AWS-FREE-PLAN"],
  ["linked roles", "AutoScaling", { linkedRoles: { value: { AWSServiceRoleForAutoScaling: false } } }],
  ["key", "no alias", { keyState: { value: undefined } }],
  ["key", "PendingDeletion", { keyState: { value: "PendingDeletion" } }, "AWS-KEY-OUTLIVES"],
  ["bucket state", "not there", { buckets: { value: { state: "missing" } } }],
  ["bucket state", "another account", { buckets: { value: { state: "foreign" } } }, "AWS-BUCKET-TAKEN"],
  ["signing key", "none", { signingKey: { value: false } }],
  ["secrets", secret, { secrets: { value: {} } }],
  [
    "secrets",
    "cannot be given again",
    { secrets: { value: { ...allThere(), [secret]: "deleted" } } },
    "AWS-SECRET-DELETED",
  ],
  ["quota: on-demand vCPUs", "the limit is 5", { onDemand: quota(5) }, "AWS-QUOTA-VCPU"],
  ["quota: on-demand vCPUs", "beside 60 of others", { onDemand: quota(64, 60) }],
  ["quota: Elastic IPs", "the limit is 5", { addresses: quota(5, 4) }, "AWS-QUOTA-EIP"],
  ["quota: VPCs", "the limit is 5", { networks: quota(5, 5) }, "AWS-QUOTA-VPC"],
  ["quota: databases", "the limit is 40", { databases: quota(40, 40) }, "AWS-QUOTA-RDS"],
  [
    "instance types",
    "t3.nano",
    { types: { value: [{ type: "t3.medium", vcpus: 2, zones: ["a", "b"] }] } },
    "AWS-TYPE-ZONE",
  ],
  ["engines", "valkey 8.0", { engines: { value: { "valkey 8.0": false } } }, "AWS-ENGINE-VERSION"],
  ["images", image, { images: { value: { [image]: "no parameter" } } }],
  ["images", "no such image any more", { images: { value: { [image]: "gone" } } }, "AWS-IMAGE-GONE"],
  ["images", "not available yet", { images: { value: { [image]: "not ready" } } }, "AWS-IMAGE-PENDING"],
];

const mail = (changes: Partial<MailFact>): Partial<AccountFacts> => ({
  mail: { value: { region: "eu-west-3", from: "shop@greenleaf.com", ...SES, ...changes } },
});
/** What stops neither apply nor fleet. */
const nuisances: ReadonlyArray<[subject: string, word: string, planted: Partial<AccountFacts>, id?: string]> = [
  ["credentials", "root", { identity: { accountId: "123456789012", arn: "arn:aws:iam::123456789012:root" } }],
  ["cost tag", "counts nothing", { costTag: { value: "Inactive" } }],
  ["cost tag", "counts nothing", { costTag: { value: "unknown" } }, "AWS-COST-TAG"],
  ["budget", "whole account", { budget: { value: { is: "there", filter: [] } } }, "AWS-BUDGET-TAKEN"],
  ["budget", "$dev, not prod", { budget: { value: { is: "there", filter: ["user:Environment$dev"] } } }],
  ["mail account", "sandbox", mail({ isInSandbox: true }), "AWS-MAIL-SANDBOX"],
  ["mail account", "paused", mail({ maySend: false, isInSandbox: true })],
  ["mail sender", "shop@greenleaf.com is no verified identity", mail({ verified: undefined }), "AWS-MAIL-SENDER"],
  ["mail sender", "no parameter", mail({ from: "", verified: undefined })],
];

function allThere() {
  return Object.fromEntries(prod.secrets.map((name) => [name, "there" as const]));
}

test.each(obstacles)("%s: an obstacle that is planted alone is named alone (%s)", (subject, word, planted) => {
  const bad = findingsOf(prod, { ...clean(prod), ...planted }).filter(({ verdict }) => verdict !== "ok");
  expect(bad.map((finding) => [finding.subject, finding.verdict])).toEqual([[subject, "fails"]]);
  expect([bad[0]?.why, bad[0]?.fix]).toEqual([expect.stringContaining(word), expect.stringMatching(/\w/)]);
});

test("the table of what AWS refuses says of preflight what is planted here", () => {
  const table = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../tests/aws/refusals.json"), "utf8"),
  ) as ReadonlyArray<{
    id: string;
    noticed: readonly string[];
  }>;
  const said = table.filter(({ noticed }) => noticed.includes("preflight")).map(({ id }) => id);
  const ids = [...obstacles, ...nuisances].flatMap(([, , , id]) => id ?? []);
  const planted = [...ids, "AWS-QUOTA-SPOT", "AWS-COST-EXPLORER"];
  expect(said.toSorted()).toEqual(planted.toSorted());
});

test("Cost Explorer that was never enabled is told in AWS's own words", () => {
  const costTag = { unseen: "ce:ListCostAllocationTags was denied: User not enabled for cost explorer access" };
  const bad = findingsOf(prod, { ...clean(prod), costTag }).filter(({ verdict }) => verdict !== "ok");
  expect(bad).toEqual([{ subject: "cost tag", verdict: "unseen", why: costTag.unseen }]);
});

test("Spot has a quota of its own", () => {
  const spot = { ...prod, groups: prod.groups.map((group) => ({ ...group, isSpot: true })) };
  const bad = findingsOf(spot, { ...clean(prod), spot: quota(2) }).filter(({ verdict }) => verdict !== "ok");
  expect(bad.map(({ subject }) => subject)).toEqual(["quota: Spot vCPUs"]);
});

test.each(nuisances)("%s: what stops nothing is a warning (%s)", (subject, word, planted) => {
  const bad = findingsOf(prod, { ...clean(prod), ...planted }).filter(({ verdict }) => verdict !== "ok");
  expect(bad.map((finding) => [finding.subject, finding.verdict])).toEqual([[subject, "warns"]]);
  expect([bad[0]?.why, bad[0]?.fix]).toEqual([expect.stringContaining(word), expect.stringMatching(/\w/)]);
});

test("a budget that is not there yet is no obstacle, and mail is a line only where it is sent through Amazon", () => {
  const facts = { ...clean(prod), budget: { value: { is: "none" as const } }, mail: { value: undefined } };
  const findings = findingsOf(prod, facts);
  expect(findings.find(({ subject }) => subject === "budget")).toMatchObject({ verdict: "ok" });
  expect(findings.filter(({ subject }) => subject.startsWith("mail"))).toEqual([]);
});

test("what could not be seen is said as such, and never stands for a yes", () => {
  const facts = clean(prod);
  for (const name of Object.keys(facts).filter((each) => each !== "identity")) {
    const findings = findingsOf(prod, { ...facts, [name]: { unseen: "servicequotas was denied" } });
    const bad = findings.filter(({ verdict }) => verdict !== "ok");
    if (name === "spot") continue;
    expect([name, bad.map(({ verdict, why }) => [verdict, why])]).toEqual([
      name,
      [["unseen", "servicequotas was denied"]],
    ]);
  }
});
