import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENVIRONMENTS, RECORDED } from "../../scripts/fleet/plans.ts";
import { ofType, type Resource } from "../../scripts/fleet/resource.ts";
import { openWorkspace, TERRAFORM_FOLDER, workspaceOf } from "../../scripts/fleet/terraform.ts";
import { missing, plans, requireTools } from "./fleet.ts";
import { missingOrder } from "./order.ts";
import { record } from "./record.ts";

const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
const withTerraform = test.skipIf(missing !== undefined);
const files = await Array.fromAsync(
  glob("**/*.tf", { cwd: TERRAFORM_FOLDER, exclude: (name) => name === ".terraform" }),
);
const source = (path: string) => readFile(join(TERRAFORM_FOLDER, path), "utf8");

withTerraform(`the configuration is formatted and valid, and what AWS makes late comes first${skipped}`, async () => {
  const workspace = await openWorkspace(requireTools());
  try {
    expect(await workspace.run(["fmt", "-check", "-recursive", "-no-color"])).toMatchObject({ code: 0, stdout: "" });
    await workspace.init();
    expect(await workspace.run(["validate", "-no-color"])).toMatchObject({ code: 0 });
    const graph = await workspace.run(["graph"]);
    expect([graph.code, missingOrder(graph.stdout)]).toEqual([0, []]);
  } finally {
    await workspace.close();
  }
});

withTerraform(
  `of nine pairs of workspace and variables three are accepted, the others are told the way out${skipped}`,
  async () => {
    const workspace = await openWorkspace(requireTools());
    try {
      await workspace.init();
      for (const home of ENVIRONMENTS) {
        for (const environment of ENVIRONMENTS.filter((name) => name !== home)) {
          const args = [
            "plan",
            "-input=false",
            "-no-color",
            "-refresh=false",
            "-lock=false",
            `-var-file=envs/${environment}.tfvars`,
          ];
          const { code, stderr } = await workspace.run(args, { TF_WORKSPACE: workspaceOf(home) });
          expect([home, environment, code]).toEqual([home, environment, 1]);
          expect(stderr.replaceAll(/[\s│]+/g, " ")).toContain(
            `Run: terraform workspace select ${workspaceOf(environment)}`,
          );
        }
      }
    } finally {
      await workspace.close();
    }
  },
);

withTerraform(
  `recorded plans are those of today's configuration; UPDATE_RECORDED=1 renews them${skipped}`,
  async () => {
    for (const { environment, resources } of await plans()) {
      const text = record(resources);
      const path = join(RECORDED, `${environment}.json`);
      if (process.env.UPDATE_RECORDED === "1") await writeFile(path, text);
      expect(await readFile(path, "utf8")).toBe(text);
    }
  },
);

test("a plan before bootstrap asks no data source, so that it needs no network", async () => {
  const all = (await Promise.all(files.filter((name) => !name.startsWith("edge/")).map(source))).join("\n");
  const data = [...all.matchAll(/^data "(\w+)" "\w+" \{\n\s+(?:count|for_each)\s+= (.*)$/gm)].map(
    ([, type, asked]) => `${type}: ${asked}`,
  );
  expect(data).toHaveLength([...all.matchAll(/^data "/gm)].length);
  expect(new Set(data)).toEqual(
    new Set([
      "aws_ami_ids: { for role, id in var.ami : role => id if id != null }",
      "aws_ssm_parameter: local.offline ? 0 : 1",
    ]),
  );
});

test("every variable is typed, described, and in the roots validated", async () => {
  for (const file of files.filter((name) => name.endsWith("variables.tf"))) {
    for (const [, name, body = ""] of (await source(file)).matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm)) {
      expect([file, name, /^ {2}type\s+=/m.test(body), /^ {2}description\s+=/m.test(body)]).toEqual([
        file,
        name,
        true,
        true,
      ]);
      const free = /^ {2}type\s+= bool$/m.test(body) || file.startsWith("modules/");
      if (!free) expect([file, name, body.includes("validation {")]).toEqual([file, name, true]);
    }
  }
});

test("the two variants of a group differ in what they ignore, and in nothing else", async () => {
  const main = await source("modules/group/main.tf");
  const [fixed, scheduled] = ["fixed", "scheduled"].map((name) => {
    const body =
      main.match(new RegExp(`resource "aws_autoscaling_group" "${name}" \\{\\n([\\s\\S]*?)\\n\\}\\n`))?.[1] ?? name;
    return body.replace(/count = .*/, "").replace(/ {2}lifecycle \{[\s\S]*$/, "");
  });
  expect(fixed).toBe(scheduled);
  expect(main).toMatch(/ignore_changes\s+= \[desired_capacity\]\n/);
  expect(main).toMatch(/ignore_changes\s+= \[desired_capacity, min_size, max_size\]\n/);
});

/** What preprod may have that prod has not, and the other way round; everything else is the same. */
const DIFFERENCES: readonly RegExp[] = [
  /aws_(autoscaling|scheduler)_schedule\./,
  /module\.schedules\.aws_iam_role/,
  /aws_ce_anomaly_/,
  /aws_autoscaling_group\.(fixed|scheduled)/,
];
const NAMED = new Set([
  "tags",
  "tags_all",
  "name",
  "cidr_block",
  "value",
  "policy",
  "domain_name",
  "domain_validation_options",
  "subject_alternative_names",
  "user_data",
  "tag",
]);

test("preprod is prod but for names, ranges, schedules, the account's monitor, budget and deletion protection of the balancer", async () => {
  const [prod, preprod] = await plans();
  const shape = (resources: readonly Resource[]) =>
    resources.map(({ address }) => address).filter((address) => !DIFFERENCES.some((pattern) => pattern.test(address)));
  expect(shape(preprod!.resources)).toEqual(shape(prod!.resources));
  const differing = new Set<string>();
  for (const { address, type, values } of prod!.resources) {
    const other = preprod!.resources.find((resource) => resource.address === address)?.values;
    for (const key of Object.keys(other === undefined ? {} : values)) {
      const same = JSON.stringify(values[key])
        ?.replaceAll(/\bprod\b/g, "preprod")
        .replaceAll("10.10.", "10.20.");
      if (!NAMED.has(key) && same !== JSON.stringify(other?.[key])) differing.add(`${type}.${key}`);
    }
  }
  expect([...differing].toSorted()).toEqual(["aws_budgets_budget.limit_amount", "aws_lb.enable_deletion_protection"]);
  expect(ofType(preprod!.resources, "aws_db_instance")[0]?.values.multi_az).toBe(true);
});
