import { expect, test } from "vitest";
import type { Resource, Values } from "../fleet/resource.ts";
import { billOf } from "./bill.ts";
import { htmlOf } from "./html.ts";
import { type Report, reportOf } from "./report.ts";
import { tableOf } from "./table.ts";

const resource = (address: string, values: Values = {}, index?: string): Resource => {
  const [type = "", name = ""] = address
    .replace(/\[.*\]$/, "")
    .split(".")
    .slice(-2);
  return index === undefined ? { address, type, name, values } : { address, type, name, index, values };
};

const price = (usd: number) => ({ usd, per: "unit", source: "S" });
const book = {
  region: "here",
  currency: "USD" as const,
  read: "2026-10-09",
  sources: { S: "a price that is easy to reckon with" },
  prices: {
    "ec2:t3.small": price(0.03),
    "spot:t3.small": price(0.01),
    "vpc:public-ipv4": price(0.005),
    "vpc:nat-gateway-hour": price(0.05),
    "vpc:nat-gateway-gb": price(0.04),
    "kms:key": price(1),
    "kms:request": price(0.25),
    "elb:application-hour": price(0.02),
    "elb:lcu-hour": price(0.01),
    "rds:db.x": price(0.1),
    "rds:gp3": price(0.2),
    "rds:backup": price(0.1),
    "s3:storage": price(0.02),
    "s3:egress": price(0.09),
    "r2:storage": price(0.015),
    "r2:class-a": price(0.004),
    "r2:class-b": price(0.0003),
  },
};
const own = {
  nodes: 2,
  out_gb: 50,
  between_zones_gb: 0,
  lcu: 0,
  surplus_vcpu_hours: 0,
  log_gb: 0,
  log_kept_gb: 0,
  access_log_gb: 0,
  access_log_puts: 0,
  database_backup_gb_over_free: 0,
  cache_backup_gb_over_free: 0,
  lease_writes: 0,
  kms_requests: 2,
};
const traffic = {
  why: "a test",
  environments: { prod: own, preprod: own, dev: own },
  shared: { state_and_artifacts_gb: 0, images_gb: 0 },
  media: { stored_gb: 100, read_gb: 600, class_a: 1_000, class_b: 10_000 },
};
const terms = { traffic, book, year: 2026 };

const group = (name: string, values: Values = {}) => [
  resource(`module.${name}.module.group.aws_autoscaling_group.this`, { name, min_size: 2, max_size: 2, ...values }),
  resource(`module.${name}.module.template.aws_launch_template.this`, { instance_type: "t3.small" }),
];
const sleep = (group: string, action: "start" | "stop", recurrence: string) =>
  resource(
    `module.schedules.aws_autoscaling_schedule.${action}["${group}"]`,
    {
      autoscaling_group_name: group,
      time_zone: "Etc/UTC",
      desired_capacity: action === "start" ? 2 : 0,
      recurrence,
    },
    group,
  );
const databaseSleep = (action: "start" | "stop", schedule_expression: string) =>
  resource(
    `module.schedules.aws_scheduler_schedule.database["${action}"]`,
    {
      schedule_expression,
      schedule_expression_timezone: "Etc/UTC",
      target: [{ arn: `arn:aws:scheduler:::aws-sdk:rds:${action}DBInstance`, input: '{"DbInstanceIdentifier":"db"}' }],
    },
    action,
  );
const database = resource("module.data.aws_db_instance.this", {
  identifier: "db",
  instance_class: "db.x",
  storage_type: "gp3",
  allocated_storage: 10,
});

const prod = [...group("router"), resource("module.router.aws_eip.a"), resource("module.router.aws_eip.b")];
/** Ten hours on the 261 weekdays of 2026. */
const preprod = [
  ...group("app"),
  sleep("app", "start", "0 9 * * MON-FRI"),
  sleep("app", "stop", "0 19 * * *"),
  database,
  databaseSleep("start", "cron(0 9 ? * MON-FRI *)"),
  databaseSleep("stop", "cron(0 19 * * ? *)"),
  resource("module.balancer.aws_lb.this"),
];
const dev = [...group("app", { mixed_instances_policy: [{}] }), resource("aws_kms_key.this")];

const planned = (environment: string, resources: readonly Resource[]) => ({ environment, resources, from: "a plan" });
const report: Report = reportOf({
  inputs: [planned("prod", prod), planned("preprod", preprod), planned("dev", dev)],
  terms,
  asOf: "2026-11-01",
  limit: 500,
  warnings: ["prices are <old>"],
});

const HOURS = 730;
const NODES = 2 * 0.03;
const ASLEEP = 2_610 / 12;
const DAILY = 3_650 / 12;
const LB = HOURS * (0.02 + 2 * 0.005);
const DISK = 10 * 0.2;
const PROD = HOURS * (NODES + 2 * 0.005);
const PREPROD = ASLEEP * (NODES + 0.1) + DISK + LB;
const DEV = HOURS * 2 * 0.01 + 1 + 2 * 0.25;

test("a line is a month's mean amount times its price, what is not used has none, and the total is their sum", () => {
  const { lines, total } = billOf({ environment: "dev", resources: dev, ...terms });
  expect(lines).toEqual([
    {
      address: "module.app.module.group.aws_autoscaling_group.this",
      item: "2 x t3.small Spot",
      quantity: 1_460,
      unit: "unit",
      price: "spot:t3.small",
      unitUsd: 0.01,
      monthlyUsd: 14.6,
      source: "S",
    },
    expect.objectContaining({ price: "kms:key", quantity: 1, monthlyUsd: 1 }),
    expect.objectContaining({ price: "kms:request", quantity: 2, monthlyUsd: 0.5 }),
  ]);
  expect(total).toBeCloseTo(16.1, 9);
  const unused = { ...traffic, environments: { dev: { ...own, kms_requests: 0 } } };
  const bill = billOf({ environment: "dev", resources: dev, ...terms, traffic: unused });
  expect(bill.lines.map(({ price }) => price)).toEqual(["spot:t3.small", "kms:key"]);
  expect(bill.free).toEqual([
    {
      address: "module.app.module.template.aws_launch_template.this",
      why: "billed with the group that uses it",
    },
  ]);
});

test("an environment without traffic of its own has the first one's, and none at all is an error", () => {
  const key = [resource("aws_kms_key.this")];
  expect(billOf({ environment: "account", resources: key, ...terms }).total).toBe(1.5);
  const nothing = { ...traffic, environments: {} };
  expect(() => billOf({ environment: "account", resources: key, ...terms, traffic: nothing })).toThrow(/no traffic/);
});

test("the report sums its environments and leaves the rest of the limit as headroom", () => {
  const { environments, total, headroom, largest } = report;
  expect(environments.map(({ environment, from, total }) => [environment, from, total.toFixed(6)])).toEqual([
    ["prod", "a plan", PROD.toFixed(6)],
    ["preprod", "a plan", PREPROD.toFixed(6)],
    ["dev", "a plan", DEV.toFixed(6)],
  ]);
  expect(total).toBeCloseTo(PROD + PREPROD + DEV, 9);
  expect(headroom).toBeCloseTo(500 - PROD - PREPROD - DEV, 9);
  expect(largest.map(({ environment, item }) => `${environment}: ${item}`)).toEqual([
    "prod: 2 x t3.small",
    "preprod: 1 x db.x",
    "preprod: load balancer",
  ]);
});

test("preprod run otherwise changes its own part of the total alone", () => {
  const others = PROD + DEV;
  const parkedHours = 0;
  expect(report.variants.map(({ name, total }) => [name, total.toFixed(6)])).toEqual([
    ["preprod awake MON-FRI", (others + PREPROD).toFixed(6)],
    ["preprod awake every day", (others + DAILY * (NODES + 0.1) + DISK + LB).toFixed(6)],
    ["preprod parked (-var parked=true)", (others + parkedHours + DISK).toFixed(6)],
  ]);
});

test("each saving of the guide is held against what it stands for", () => {
  const shown = report.savings.map((saving) => [saving.name, saving.without.toFixed(6), saving.with.toFixed(6)]);
  const always = HOURS * (NODES + 0.1) + DISK + LB;
  expect(shown).toEqual([
    ["routers instead of NAT Gateways (prod)", (2 * HOURS * (0.05 + 0.005) + 50 * 0.04).toFixed(6), PROD.toFixed(6)],
    ["preprod asleep, as configured", always.toFixed(6), PREPROD.toFixed(6)],
    ["preprod asleep, awake every day", always.toFixed(6), (DAILY * (NODES + 0.1) + DISK + LB).toFixed(6)],
    ["preprod asleep, nodes only, every day", always.toFixed(6), (DAILY * NODES + HOURS * 0.1 + DISK + LB).toFixed(6)],
    [
      "R2 instead of S3 for pictures",
      (100 * 0.02 + 500 * 0.09).toFixed(6),
      (100 * 0.015 + 1_000 * 0.004 + 10_000 * 0.0003).toFixed(6),
    ],
    ["Spot in dev", (HOURS * 2 * 0.03).toFixed(6), (HOURS * 2 * 0.01).toFixed(6)],
  ]);
});

test("pictures read within what AWS gives away cost no transfer", () => {
  const little = { ...traffic, media: { ...traffic.media, read_gb: 90 } };
  const { savings } = reportOf({
    inputs: [planned("prod", prod)],
    terms: { ...terms, traffic: little },
    asOf: "2026-11-01",
    limit: 500,
    warnings: [],
  });
  expect(savings.map(({ name }) => name)).toEqual([
    "routers instead of NAT Gateways (prod)",
    "R2 instead of S3 for pictures",
  ]);
  expect(savings[1]?.without).toBe(2);
});

test("the table names what is large, sums what is small, and says what is over the limit", () => {
  expect(tableOf(report)).toMatchInlineSnapshot(`
    "Monthly cost in USD, mean of 2026, prices of 2026-10-09

    prod  (a plan)
      2 x t3.small                                                   43.80  router.group.autoscaling_group [S]
      public IPv4, used or not                                        3.65  router.eip.a [S]
      public IPv4, used or not                                        3.65  router.eip.b [S]
                                                                     51.10  prod

    preprod  (a plan)
      1 x db.x                                                       21.75  data.db_instance [S]
      load balancer                                                  14.60  balancer.lb [S]
      2 x t3.small                                                   13.05  app.group.autoscaling_group [S]
      2 public IPv4                                                   7.30  balancer.lb [S]
      1 x 10 GB                                                       2.00  data.db_instance [S]
                                                                     58.70  preprod

    dev  (a plan)
      2 x t3.small Spot                                              14.60  app.group.autoscaling_group [S]
      key                                                             1.00  kms_key [S]
      requests                                                        0.50  kms_key [S]
                                                                     16.10  dev

      total                                                         125.90  limit 500
      headroom                                                      374.10
      with 20 % VAT, where you pay it                               151.08

    largest lines
      prod: 2 x t3.small                                             43.80  router.group.autoscaling_group
      preprod: 1 x db.x                                              21.75  data.db_instance
      preprod: load balancer                                         14.60  balancer.lb

    the total, were preprod run otherwise
      preprod awake MON-FRI                                         125.90
      preprod awake every day                                       139.77
      preprod parked (-var parked=true)                              69.20

    the total, were production busier
      prod's traffic 2 times (100 GB out)                           125.90
      prod's traffic 5 times (250 GB out)                           125.90
      prod's traffic 10 times (500 GB out)                          125.90
      prod's app nodes steadily at 60 % CPU                         125.90

    the guide's savings                                  saved, and of what
      routers instead of NAT Gateways (prod)                         31.20  37.9 % of 82.30 (guide: about 58 USD a month)
      preprod asleep, as configured                                  82.00  58.3 % of 140.70 (guide: about 70 % of the preprod bill)
      preprod asleep, awake every day                                68.13  48.4 % of 140.70 (guide: about 70 % of the preprod bill)
      preprod asleep, nodes only, every day                          25.55  18.2 % of 140.70 (guide: about 70 % of the preprod bill)
      R2 instead of S3 for pictures                                  38.50  81.9 % of 47.00 (guide: varies with traffic)
      Spot in dev                                                    29.20  66.7 % of 43.80 (guide: 60 to 70 % of dev's compute)

    warning: prices are <old>"
  `);
  expect(
    tableOf({ ...report, limit: 50, headroom: -1, variants: [], savings: [], warnings: [] }),
  ).toMatchInlineSnapshot(`
    "Monthly cost in USD, mean of 2026, prices of 2026-10-09

    prod  (a plan)
      2 x t3.small                                                   43.80  router.group.autoscaling_group [S]
      public IPv4, used or not                                        3.65  router.eip.a [S]
      public IPv4, used or not                                        3.65  router.eip.b [S]
                                                                     51.10  prod

    preprod  (a plan)
      1 x db.x                                                       21.75  data.db_instance [S]
      load balancer                                                  14.60  balancer.lb [S]
      2 x t3.small                                                   13.05  app.group.autoscaling_group [S]
      2 public IPv4                                                   7.30  balancer.lb [S]
      1 x 10 GB                                                       2.00  data.db_instance [S]
                                                                     58.70  preprod

    dev  (a plan)
      2 x t3.small Spot                                              14.60  app.group.autoscaling_group [S]
      key                                                             1.00  kms_key [S]
      requests                                                        0.50  kms_key [S]
                                                                     16.10  dev

      total                                                         125.90  limit 50
      OVER THE LIMIT                                                 -1.00
      with 20 % VAT, where you pay it                               151.08

    largest lines
      prod: 2 x t3.small                                             43.80  router.group.autoscaling_group
      preprod: 1 x db.x                                              21.75  data.db_instance
      preprod: load balancer                                         14.60  balancer.lb

    the total, were production busier
      prod's traffic 2 times (100 GB out)                           125.90
      prod's traffic 5 times (250 GB out)                           125.90
      prod's traffic 10 times (500 GB out)                          125.90
      prod's app nodes steadily at 60 % CPU                         125.90"
  `);
});

test("small amounts are one line, a long name is cut, and nothing left is no overrun", () => {
  const line = (item: string, monthlyUsd: number) => ({
    ...report.environments[0]!.lines[0]!,
    address: "aws_kms_key.this",
    item,
    monthlyUsd,
  });
  const lines = [line("a", 0.499), line("b".repeat(58), 0.5), line("c".repeat(59), 2), line("d", 0.25)];
  const one = { environment: "prod", from: "a plan", lines, total: 3.25, free: [] };
  const rows = tableOf({ ...report, environments: [one], headroom: 0 }).split("\n");
  expect(rows.slice(3, 7)).toEqual([
    `  ${"c".repeat(57)}…      2.00  kms_key [S]`,
    `  ${"b".repeat(58)}      0.50  kms_key [S]`,
    `  ${"2 smaller lines (--json names them)".padEnd(58)}      0.75`,
    `  ${"".padEnd(58)}      3.25  prod`,
  ]);
  expect(rows).toContain(`  ${"headroom".padEnd(58)}      0.00`);
});

test("what would have cost nothing saves nothing", () => {
  const nothing = { name: "x", claim: "y", without: 0, with: 0, note: "" };
  expect(tableOf({ ...report, savings: [nothing] })).toContain("0.0 % of 0.00 (guide: y)");
});

// Open it in a browser after a change: bars of one scale, each environment's kinds side by side.
test("the page draws every environment to one scale and escapes what comes from outside", async () => {
  await expect(htmlOf(report)).toMatchFileSnapshot("golden/page.html");
  expect(htmlOf({ ...report, variants: [], savings: [] })).toContain("<p>No environment it applies to.</p>");
});

test("a total above the limit, and a saving that is none, still fit the page", () => {
  const loss = { name: "x", claim: "y", without: 1, with: 3, note: "" };
  const page = htmlOf({ ...report, limit: 50, variants: [], savings: [loss] });
  expect(page).toContain(`<rect x="0" y="20" width="0.0"`);
  expect(page).toContain(`x2="${90 + 50 * (700 / report.total)}"`);
});
