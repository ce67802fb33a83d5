import { expect, test } from "vitest";
import type { Resource, Values } from "../fleet/resource.ts";
import { edgeResources } from "./edge.ts";
import { awakeHoursByGroup } from "./schedules.ts";
import { alwaysOn, onlyNodesSleep, parked, wakingOn } from "./variants.ts";

const resource = (address: string, values: Values = {}): Resource => {
  const [, index] = /\["(\w+)"\]$/.exec(address) ?? [];
  const [type = "", name = ""] = address
    .replace(/\[.*\]$/, "")
    .split(".")
    .slice(-2);
  return index === undefined ? { address, type, name, values } : { address, type, name, index, values };
};
const move = (group: string, start: boolean, over: Values = {}) =>
  resource(`module.x.aws_autoscaling_schedule.${start ? "start" : "stop"}["${group}"]`, {
    autoscaling_group_name: group,
    time_zone: "Etc/UTC",
    desired_capacity: start ? 1 : 0,
    recurrence: start ? "30 9 * * MON-FRI" : "0 19 * * *",
    ...over,
  });
const databaseMove = (start: boolean) =>
  resource(`module.x.aws_scheduler_schedule.database["${start ? "start" : "stop"}"]`, {
    schedule_expression: start ? "cron(15 8 ? * MON-FRI *)" : "cron(0 19 * * ? *)",
    schedule_expression_timezone: "Etc/UTC",
    target: [{ arn: `x:${start ? "start" : "stop"}DBInstance`, input: '{"DbInstanceIdentifier":"db"}' }],
  });

test("groups and databases are awake between their own starts and stops, all else all year", () => {
  const { awake, share } = awakeHoursByGroup(
    [move("app", true), move("app", false), databaseMove(true), databaseMove(false)],
    2026,
  );
  expect([awake("app"), awake("db"), awake("other")]).toEqual([261 * 9.5, 261 * 10.75, 8_760]);
  expect(share("app")).toBeCloseTo((261 * 9.5) / 8_760, 12);
  expect(share("other")).toBe(1);
});

test.each([
  [[move("app", true), move("app", false, { time_zone: "Europe/Paris" })]],
  [[move("app", true, { time_zone: "" })]],
])("schedules of one thing in several time zones, or in none, are an error that names them", (moves) => {
  expect(() => awakeHoursByGroup(moves, 2026)).toThrow(/name no single time zone/);
});

test("waking on other days changes the starts alone, in the form each is written in", () => {
  const resources = [move("app", true), move("app", false), databaseMove(true), databaseMove(false)];
  const crons = (days: string) =>
    wakingOn(resources, days).map(({ values }) => values.recurrence ?? values.schedule_expression);
  expect(crons("*")).toEqual(["30 9 * * *", "0 19 * * *", "cron(15 8 * * ? *)", "cron(0 19 * * ? *)"]);
  expect(crons("MON")).toEqual(["30 9 * * MON", "0 19 * * *", "cron(15 8 ? * MON *)", "cron(0 19 * * ? *)"]);
});

test("without schedules, with the nodes' alone, or parked: each leaves what it says", () => {
  const resources = [
    move("app", true),
    move("app", false),
    move("router", true),
    databaseMove(true),
    databaseMove(false),
    resource('module.y.aws_cloudwatch_metric_alarm.balancer["a"]'),
    resource('module.y.aws_cloudwatch_metric_alarm.cache["a"]'),
    resource('module.y.aws_cloudwatch_metric_alarm.database["a"]'),
    resource("module.z.aws_lb.this"),
    resource("module.z.aws_lb_listener.this"),
    resource("module.z.aws_lb_listener_rule.this"),
    resource("module.z.aws_lb_target_group.this"),
    resource("module.z.aws_elasticache_replication_group.this"),
    resource("module.z.aws_db_instance.this"),
  ];
  const left = (some: readonly Resource[]) => some.map(({ address }) => address.replace(/^module\.\w+\.aws_/, ""));
  const always = left(alwaysOn(resources));
  expect(always).toHaveLength(9);
  expect(always.filter((address) => address.includes("_schedule"))).toEqual([]);
  expect(left(onlyNodesSleep(resources)).slice(0, 3)).toEqual([
    'autoscaling_schedule.start["app"]',
    'autoscaling_schedule.stop["app"]',
    'cloudwatch_metric_alarm.balancer["a"]',
  ]);
  expect(left(parked(resources))).toEqual([
    'autoscaling_schedule.stop["app"]',
    'scheduler_schedule.database["stop"]',
    'cloudwatch_metric_alarm.database["a"]',
    "lb_target_group.this",
    "db_instance.this",
  ]);
});

test("the edge's resources are counted once for each key, in the order of their files", async () => {
  const { environment, resources, from } = await edgeResources(["one", "two"]);
  expect([environment, from]).toEqual(["edge", "the text of terraform/edge"]);
  const addresses = resources.map(({ address }) => address);
  expect(
    addresses.filter((address) => address.startsWith("cloudflare_r2_bucket.")).map((address) => address.split('"')[1]),
  ).toEqual(["one-media", "one-private", "two-media", "two-private"]);
  expect(addresses.filter((address) => address.startsWith("cloudflare_zone_subscription."))).toEqual([
    "cloudflare_zone_subscription.this",
  ]);
});
