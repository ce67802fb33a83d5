import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENVIRONMENTS, RECORDED } from "../../scripts/fleet/plans.ts";
import { ofType, type Resource, text } from "../../scripts/fleet/resource.ts";

// What a new user in a new account would meet, as far as text and recorded plans can tell it.

const REPOSITORY = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(REPOSITORY, path), "utf8");
const inOneLine = (page: string): string => page.replaceAll(/\s+/g, " ");
const recorded = (environment: string): readonly Resource[] =>
  JSON.parse(readFileSync(join(RECORDED, `${environment}.json`), "utf8")) as Resource[];

const page = read("docs/runbook.md");
const section = page.slice(page.indexOf("## From an empty AWS account"), page.indexOf("## A new version, and back"));

test("the runbook's steps stand in the order in which AWS and Cloudflare need them", () => {
  const steps = [
    "request-service-quota-increase --service-code ec2 --quota-code L-1216C47A",
    "**2. Credentials**",
    "sudo ./greenleaf images",
    "./scripts/bootstrap.sh\n",
    "./greenleaf preflight prod",
    "./greenleaf release --env prod",
    "./greenleaf ami app --env prod",
    "./scripts/bootstrap.sh         # tells Terraform that they are there",
    "terraform init",
    "terraform providers lock",
    'terraform apply -var-file="envs/prod.tfvars"',
    "R2 is enabled by hand first",
    "The token's rights",
    "export CLOUDFLARE_API_TOKEN",
    'terraform apply -var-file="edge.tfvars"',
    // Nodes that booted before the edge have no key to R2.
    "./greenleaf deploy prod --in-place",
    "./greenleaf fleet status",
    "update-cost-allocation-tags-status",
  ];
  const places = steps.map((step) => [step, section.indexOf(step)] as const);
  expect(places.filter(([, at]) => at === -1)).toEqual([]);
  expect(places.toSorted(([, a], [, b]) => a - b)).toEqual(places);
});

test("the token's rights are those of every kind of thing that the edge makes at Cloudflare", () => {
  const rights: Readonly<Record<string, string>> = {
    cloudflare_account_token: "API Tokens",
    cloudflare_dns_record: "DNS",
    cloudflare_r2_bucket: "R2 Storage",
    cloudflare_r2_bucket_cors: "R2 Storage",
    cloudflare_r2_custom_domain: "R2 Storage",
    cloudflare_r2_managed_domain: "R2 Storage",
    cloudflare_tiered_cache: "Zone Settings",
    cloudflare_zone_dnssec: "DNS",
    cloudflare_zone_setting: "Zone Settings",
    cloudflare_zone_subscription: "Billing",
    http_config_settings: "Config Rules",
    http_ratelimit: "Zone WAF",
    http_request_cache_settings: "Cache Rules",
    http_request_firewall_managed: "Zone WAF",
    http_request_late_transform: "Transform Rules",
  };
  const edge = globSync("terraform/edge/*.tf", { cwd: REPOSITORY }).map(read).join("\n");
  const types = [...edge.matchAll(/^resource "(cloudflare_\w+)"/gm)].map(([, type = ""]) => type);
  const phases = [...edge.matchAll(/^ {2}phase\s+= "(\w+)"/gm)].map(([, phase = ""]) => phase);
  const made = new Set([...types.filter((type) => type !== "cloudflare_ruleset"), ...phases]);
  expect([...made].toSorted()).toEqual(Object.keys(rights).toSorted());
  const told = inOneLine(section.slice(section.indexOf("The token's rights"), section.indexOf("DNSSEC works once")));
  expect([...new Set(Object.values(rights))].filter((right) => !told.includes(right))).toEqual([]);
});

test("the edge names the one environment that the runbook has applied by then, and says when others follow", () => {
  const listed = /^environments = \{\n([\s\S]*?)^\}/m.exec(read("terraform/edge/edge.tfvars"))?.[1] ?? "";
  expect([...listed.matchAll(/^ {2}(\w+)\s*=/gm)].map(([, name]) => name)).toEqual(["prod"]);
  expect(inOneLine(section)).toContain("an environment stands only once its fleet has been applied");
});

test("both roots take one exact version of each provider, and no real lock file is hidden from Git", () => {
  for (const root of ["terraform/versions.tf", "terraform/edge/versions.tf"]) {
    const versions = [...read(root).matchAll(/^ {6}version = "([^"]+)"/gm)].map(([, version]) => version);
    expect([root, versions.filter((version) => !/^= \d+\.\d+\.\d+$/.test(version ?? ""))]).toEqual([root, []]);
    expect(versions.length).toBeGreaterThan(0);
  }
  expect(read(".gitignore")).not.toContain(".terraform.lock.hcl");
  const locks = section.match(/^terraform providers lock .*$/gm) ?? [];
  expect(locks.length).toBe(2);
  for (const platform of ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"])
    expect(locks.filter((lock) => !lock.includes(`-platform=${platform}`))).toEqual([]);
});

test("the tag that the runbook activates is the one that every budget counts by", () => {
  const activated = /--cost-allocation-tags-status TagKey=(\w+),Status=Active/.exec(section)?.[1];
  for (const environment of ENVIRONMENTS) {
    const budgets = JSON.stringify(ofType(recorded(environment), "aws_budgets_budget"));
    expect([environment, budgets.includes(`user:${activated}$${environment}`)]).toEqual([environment, true]);
  }
});

test("a database may change its major, its password and where it comes from, and no parameter group is replaced in use", () => {
  for (const environment of ENVIRONMENTS) {
    const [database] = ofType(recorded(environment), "aws_db_instance");
    expect([environment, database?.values.allow_major_version_upgrade]).toEqual([environment, true]);
    expect(text(database?.values.ca_cert_identifier)).not.toBe("");
  }
  const data = read("terraform/modules/data/main.tf");
  const blockOf = (type: string) =>
    new RegExp(`^resource "${type}" "this" \\{\\n([\\s\\S]*?)^\\}`, "m").exec(data)?.[1];
  for (const type of ["aws_db_parameter_group", "aws_elasticache_parameter_group"])
    expect([type, blockOf(type)]).toEqual([type, expect.stringContaining("create_before_destroy = true")]);
  // Its name must change with its family, or the new group cannot stand beside the old one.
  expect(blockOf("aws_db_parameter_group")).toMatch(/name_prefix\s+= /);
  expect(blockOf("aws_elasticache_parameter_group")).toMatch(/name\s+= "[^"]*\$\{var\.valkey_major\}"/);
  expect(blockOf("aws_db_instance")).toMatch(/password_wo_version\s+= var\.database\.password_version/);
  expect(blockOf("aws_db_instance")).toMatch(/snapshot_identifier\s+= var\.database\.restore_from/);
});

test("what no namespace and no stand-in can show is said where its numbers stand", () => {
  const router = inOneLine(read("docs/router.md"));
  for (const words of ["EC2 tracks connections by interface", "7 to 9 % of one core", "earns 10 % of one vCPU"])
    expect([words, router.includes(words)]).toEqual([words, true]);
  expect(inOneLine(read("docs/runbook-fleet.md"))).toContain("apply `terraform/edge` after un-parking");
  expect(inOneLine(read("README.md"))).toContain("Nothing of GreenLeaf has run in a real AWS account so far");
});
