import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENVIRONMENTS, RECORDED } from "../../scripts/fleet/plans.ts";
import type { Resource } from "../../scripts/fleet/resource.ts";
import { REFUSED } from "../aws/refusals.ts";
import type { Call } from "../aws/stand-in.ts";
import { findings } from "../terraform/policies/index.ts";
import { REFUSALS } from "../terraform/policies/refusals.ts";

interface Row {
  readonly id: string;
  readonly service: string;
  readonly what: string;
  readonly answer: string;
  /** Whether a look at account and plan can tell before an apply. */
  readonly foreseeable: boolean;
  readonly source: string;
  /** Who notices it here: `plan` (a policy of that id), `stand-in`, `validation`, `order`, `bootstrap`, `preflight`, `runbook`, `nobody`. */
  readonly noticed: readonly string[];
}

const TABLE = JSON.parse(readFileSync(join(import.meta.dirname, "../aws/refusals.json"), "utf8")) as Row[];
const rows = new Map(TABLE.map((row) => [row.id, row]));
const WHO = new Set(["plan", "stand-in", "validation", "order", "bootstrap", "preflight", "runbook", "nobody"]);

function recorded(environment: string): readonly Resource[] {
  return JSON.parse(readFileSync(join(RECORDED, `${environment}.json`), "utf8")) as Resource[];
}
const prod = recorded("prod");
const preprod = recorded("preprod");

test("at least 60 things are known that AWS refuses or does late, each once, with its public source", () => {
  expect(TABLE.length).toBeGreaterThanOrEqual(60);
  expect(rows.size).toBe(TABLE.length);
  for (const { id, source, noticed, what } of TABLE) {
    expect([id, source]).toEqual([id, expect.stringMatching(/^https:\/\/(docs\.aws\.amazon\.com|github\.com)\//)]);
    expect([id, noticed.length > 0 && noticed.every((who) => WHO.has(who))]).toEqual([id, true]);
    expect([id, what.length > 20]).toEqual([id, true]);
  }
});

test("what the table says of plan and stand-in is so", () => {
  const by = (who: string) => TABLE.filter(({ noticed }) => noticed.includes(who)).map(({ id }) => id);
  expect(by("plan").toSorted()).toEqual(REFUSALS.map(({ id }) => id).toSorted());
  expect(by("stand-in").toSorted()).toEqual([...new Set(Object.values(REFUSED).map(({ id }) => id))].toSorted());
});

test.each(ENVIRONMENTS)("nothing in the plan of %s is what AWS refuses", (environment) => {
  expect(findings({ environment, resources: recorded(environment) }, REFUSALS)).toEqual([]);
});

type Values = Record<string, unknown>;
type Change = (values: Values) => void;
const set =
  (changes: Values): Change =>
  (values) =>
    void Object.assign(values, changes);
const inBlock =
  (path: string, changes: Values): Change =>
  (values) => {
    const steps = path.split(".");
    const target = steps.reduce<Values>((found, step) => (found[step] as Values[])[0] ?? {}, values);
    Object.assign(target, changes);
  };

/** One plan that AWS would refuse for each policy, planted where the address matches. */
const PLANTED: ReadonlyArray<readonly [id: string, address: RegExp, change: Change]> = [
  ["AWS-GROUP-DESCRIPTION", /aws_security_group\.this\["app"\]/, set({ description: "the shop's nodes" })],
  ["AWS-INGRESS-DESCRIPTION", /ingress_rule\.app_from_balancer/, set({ description: 'to "Caddy"' })],
  ["AWS-EGRESS-DESCRIPTION", /egress_rule\.router_to_internet/, set({ description: "the router's own calls" })],
  ["AWS-ROLE-DESCRIPTION", /aws_iam_role\.flow_log/, set({ description: "rejected packets → log" })],
  ["AWS-LB-NAME", /aws_lb\.this/, set({ name: "greenleaf-preproduction-load-balancer" })],
  ["AWS-TARGET-GROUP-NAME", /aws_lb_target_group\.app/, set({ name: "greenleaf_prod" })],
  ["AWS-ROLE-NAME", /aws_iam_role\.node\["app"\]/, set({ name: "greenleaf/app" })],
  ["AWS-GROUP-NAME", /aws_security_group\.this\["app"\]/, set({ name: "sg-app" })],
  ["AWS-PARAMETER-NAME", /aws_ssm_parameter\.edge/, set({ name: "/aws/greenleaf" })],
  ["AWS-TABLE-NAME", /aws_dynamodb_table\.lease/, set({ name: "a lease" })],
  ["AWS-SCHEDULE-NAME", /aws_scheduler_schedule\.database\["stop"\]/, set({ name: "x".repeat(65) })],
  ["AWS-TEMPLATE-NAME", /module\.app\..*aws_launch_template/, set({ name: "a name" })],
  [
    "AWS-ROLLBACK-PARAMETER",
    /module\.app\..*group\.fixed/,
    inBlock("instance_refresh.preferences", { auto_rollback: true }),
  ],
  ["AWS-ROUTERS-APART", /module\.router\.module\.group\["eu-west-3a"\]/, set({ max_instance_lifetime: 2_592_000 })],
  ["AWS-LIFETIME", /module\.app\..*group\.fixed/, set({ max_instance_lifetime: 3600 })],
  [
    "AWS-MAINTENANCE",
    /module\.app\..*group\.fixed/,
    inBlock("instance_maintenance_policy", { min_healthy_percentage: 10 }),
  ],
  ["AWS-HOOK-TIMES", /module\.app\..*group\.fixed/, inBlock("initial_lifecycle_hook", { heartbeat_timeout: 10_000 })],
  [
    "AWS-VOLUME-SNAPSHOT",
    /module\.app\..*aws_launch_template/,
    inBlock("block_device_mappings.ebs", { volume_size: 16 }),
  ],
  ["AWS-USER-DATA", /module\.app\..*aws_launch_template/, set({ user_data: Buffer.alloc(16_385).toString("base64") })],
  ["AWS-RESERVED-ADDRESS", /aws_network_interface\.this\["eu-west-3a"\]/, set({ private_ips: ["10.10.0.20"] })],
  ["AWS-STORAGE-MAXIMUM", /aws_db_instance/, set({ allocated_storage: 20, max_allocated_storage: 21 })],
  ["AWS-GP3-SMALL", /aws_db_instance/, set({ iops: 3000 })],
  ["AWS-WINDOWS", /aws_db_instance/, set({ backup_window: "01:00-01:15" })],
  ["AWS-CACHE-FAILOVER", /aws_elasticache_replication_group/, set({ automatic_failover_enabled: false })],
  ["AWS-CACHE-NAME", /aws_elasticache_replication_group/, set({ replication_group_id: "greenleaf--prod" })],
  [
    "AWS-INLINE-POLICY",
    /aws_iam_role_policy\.node\["app"\]/,
    set({ policy: JSON.stringify({ Statement: [{ Sid: "x".repeat(10_300) }] }) }),
  ],
  [
    "AWS-SID",
    /aws_iam_role_policy\.node\["app"\]/,
    set({ policy: JSON.stringify({ Statement: [{ Sid: "Read it" }] }) }),
  ],
  ["AWS-ALARM-SPAN", /aws_cloudwatch_metric_alarm\.cpu\["remove"\]/, set({ period: 3600, evaluation_periods: 25 })],
  ["AWS-PARAMETER-VALUE", /aws_ssm_parameter\.this\["shop\/title"\]/, set({ value: "{{ssm:title}}" })],
  ["AWS-TARGET-TIMES", /aws_lb_target_group\.app/, inBlock("health_check", { timeout: 120 })],
  ["AWS-PREFIX-RULES", /aws_ec2_managed_prefix_list/, set({ max_entries: 40 })],
  ["AWS-KEY-OUTLIVES", /aws_kms_key/, set({ deletion_window_in_days: 7 })],
  ["AWS-BUDGET-FILTER", /aws_budgets_budget/, inBlock("cost_filter", { values: ["user:Environment:prod"] })],
];

test.each(PLANTED)("%s is noticed where it is planted", (id, address, change) => {
  const plan = id === "AWS-SCHEDULE-NAME" ? preprod : prod;
  const resources = plan.map((resource) => {
    if (!address.test(resource.address)) return resource;
    const values = structuredClone(resource.values) as Values;
    change(values);
    return { ...resource, values };
  });
  const environment = plan === prod ? "prod" : "preprod";
  const found = findings({ environment, resources }, REFUSALS).filter((finding) => finding.id === id);
  expect(found.map((finding) => address.test(finding.address))).toContain(true);
});

test("a second monitor of services is noticed", () => {
  const monitor = { address: "aws_ce_anomaly_monitor.x", type: "aws_ce_anomaly_monitor", name: "x", values: {} };
  const found = findings({ environment: "prod", resources: [...prod, monitor as Resource] }, REFUSALS);
  expect(found.map(({ id }) => id)).toEqual(["AWS-ONE-MONITOR"]);
});

test("every policy about refusals has a planted one", () => {
  const planted = [...PLANTED.map(([id]) => id), "AWS-ONE-MONITOR"];
  expect(planted.toSorted()).toEqual(REFUSALS.map(({ id }) => id).toSorted());
});

const call = (
  form: Readonly<Record<string, string>>,
  json: Readonly<Record<string, unknown>> = {},
  body = "",
): Call => ({
  service: "",
  action: "",
  form: new URLSearchParams(form),
  json,
  path: "/",
  body,
});
const long = "x".repeat(33);
/** A call for each refusal of the stand-in, and one beside it that AWS takes. */
const CALLS: ReadonlyArray<readonly [name: string, refused: Call, taken: Call]> = [
  ["ec2:CreateSecurityGroup", call({ GroupDescription: "the shop's" }), call({ GroupDescription: "of the shop" })],
  [
    "ec2:AuthorizeSecurityGroupIngress",
    call({ "IpPermissions.1.IpRanges.1.Description": "the router's own calls" }),
    call({ "IpPermissions.1.IpRanges.1.Description": "calls of the router (https)" }),
  ],
  [
    "ec2:AuthorizeSecurityGroupEgress",
    call({ "IpPermissions.1.Groups.1.Description": "it's" }),
    call({ "IpPermissions.1.Groups.1.Description": "its" }),
  ],
  [
    "ce:CreateAnomalyMonitor",
    call({}, { AnomalyMonitor: { MonitorDimension: "SERVICE" } }),
    call({}, { AnomalyMonitor: { MonitorType: "CUSTOM" } }),
  ],
  [
    "rds:CreateDBInstance",
    call({ AllocatedStorage: "20", MaxAllocatedStorage: "21" }),
    call({ AllocatedStorage: "20", MaxAllocatedStorage: "22" }),
  ],
  [
    "s3:PUT",
    call({}, {}, "<LocationConstraint>us-east-1</LocationConstraint>"),
    call({}, {}, "<LocationConstraint>eu-west-3</LocationConstraint>"),
  ],
  ["iam:PutRolePolicy", call({ PolicyDocument: "x".repeat(10_241) }), call({ PolicyDocument: "x ".repeat(10_240) })],
  ["ssm:PutParameter", call({}, { Value: "{{ssm:other}}" }), call({}, { Value: "{}" })],
  ["elasticloadbalancing:CreateLoadBalancer", call({ Name: long }), call({ Name: "greenleaf-preprod" })],
  ["elasticloadbalancing:CreateTargetGroup", call({ Name: long }), call({ Name: "greenleaf-preprod-app" })],
];
const nobody = () => Promise.resolve("");

test.each(CALLS)("the stand-in refuses %s as AWS would, and takes what AWS takes", async (name, refused, taken) => {
  const refuse = REFUSED[name]?.refuse;
  expect(await refuse?.(refused, new Map(), nobody)).toMatchObject({ status: 400 });
  expect(await refuse?.(taken, new Map(), nobody)).toBeUndefined();
});

test("a refresh with roll-back is refused where the group's template names a parameter, and not where it names an image", async () => {
  const group = () =>
    Promise.resolve("<LaunchTemplateId>lt-1</LaunchTemplateId><LaunchTemplateName>app</LaunchTemplateName>");
  const refresh = call({ AutoScalingGroupName: "app", "Preferences.AutoRollback": "true" });
  const start = REFUSED["autoscaling:StartInstanceRefresh"]?.refuse;
  const memory = new Map();
  const made = (template: Readonly<Record<string, string>>, image: string) =>
    REFUSED["ec2:CreateLaunchTemplate"]?.refuse(
      call({ ...template, "LaunchTemplateData.ImageId": image }),
      memory,
      group,
    );
  await made({ LaunchTemplateName: "app" }, "resolve:ssm:/greenleaf/prod/ami/app");
  expect(await start?.(refresh, memory, group)).toMatchObject({ status: 400 });
  await made({ LaunchTemplateId: "lt-1" }, "ami-0123456789abcdef0");
  expect(await start?.(refresh, memory, group)).toBeUndefined();
});

test("every refusal of the stand-in has a call that it refuses", () => {
  const tried = [
    ...CALLS.map(([name]) => name),
    "autoscaling:StartInstanceRefresh",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateLaunchTemplateVersion",
  ];
  expect(tried.toSorted()).toEqual(Object.keys(REFUSED).toSorted());
});
