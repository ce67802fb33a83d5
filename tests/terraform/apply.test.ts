import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { query } from "../../scripts/fleet/aws.ts";
import type { Ran, Workspace } from "../../scripts/fleet/terraform.ts";
import { startMoto } from "../aws/moto.ts";
import { pageOf } from "../support/page.ts";
import { commandsUnder, send } from "./aws-command.ts";
import { changes, matches } from "./changes.ts";
import { missing } from "./fleet.ts";
import { type MotoFleet, openMotoFleet } from "./moto-fleet.ts";
import { type Night, nightlyApply } from "./night.ts";
import { left, secretValues } from "./what-is-left.ts";

const moto = missing === undefined ? await startMoto() : { missing };
const why = "missing" in moto ? moto.missing : undefined;
const PROD = "-var-file=envs/prod.tfvars";
/** Terraform's part of the job that docs/runbook-pipeline.md has for pull requests, for prod. */
const PULL_REQUEST = [...pageOf("runbook-pipeline").matchAll(/run: terraform -chdir=terraform (.*)/g)].map(
  ([, words = ""]) => words.replace("${{ matrix.env }}", "prod").replace(/ >.*/, "").split(" "),
);
const runbook = await readFile(join(import.meta.dirname, "../../docs/runbook-fleet.md"), "utf8");
const oneLine = (text: string) => text.replaceAll(/[\s│]+/g, " ");
// Targeting warns on stderr.
const errors = ({ stderr }: Ran) => oneLine(stderr).match(/Error: [^.]{0,400}/g) ?? [];
const EC2 = { service: "ec2", version: "2016-11-15" };
const RDS = { service: "rds", version: "2014-10-31" };

interface Excused {
  readonly address: string;
  readonly attribute: string;
  readonly reason: string;
}

describe.skipIf(why !== undefined)(
  `the fleet applied by the real provider${why === undefined ? "" : ` (skipped: ${why})`}`,
  () => {
    let fleet: MotoFleet;
    let workspace: Workspace;
    let dev: Promise<Ran>;
    let night: Promise<Night>;

    beforeAll(async () => {
      if (!("url" in moto)) throw new Error(why);
      fleet = await openMotoFleet(moto.url);
      ({ workspace } = fleet);
    });

    afterAll(async () => {
      await Promise.allSettled([dev, night]);
      await fleet?.close();
      if ("stop" in moto) await moto.stop();
    });

    test("bootstrap makes what is missing, then finds nothing to do", async () => {
      expect(await fleet.bootstrap()).toContain("next: cd terraform && terraform init");
      expect(await fleet.bootstrap()).toContain("nothing to do");
      expect(await fleet.bootstrap()).toContain("nothing to do");
    });

    test("the guide's sequence for prod, word for word: init, plan, apply", async () => {
      expect(await workspace.run(["init"])).toMatchObject({ code: 0 });
      expect(await workspace.run(["plan", PROD])).toMatchObject({ code: 0 });
      const applied = await fleet.answered(["apply", PROD]);
      expect([applied.code, applied.stderr]).toEqual([0, ""]);
    });

    test("dev follows in its own workspace, as does preprod's night, while prod is looked at again", async () => {
      for (const name of ["preprod", "dev"]) {
        expect(await workspace.run(["workspace", "new", name])).toMatchObject({ code: 0 });
      }
      // `new || select`, the second time.
      expect(await workspace.run(["workspace", "new", "dev"])).toMatchObject({ code: 1 });
      expect(await workspace.run(["workspace", "select", "dev"])).toMatchObject({ code: 0 });
      dev = fleet.answered(["apply", "-var-file=envs/dev.tfvars"], "dev");
      night = nightlyApply(fleet);
      expect(await workspace.run(["workspace", "select", "default"])).toMatchObject({ code: 0 });
    });

    test("a pull request's job: a second plan differs only where moto forgets, and every excuse is still needed", async () => {
      const [init = [], plan = [], show = []] = PULL_REQUEST;
      expect(await workspace.run(init)).toMatchObject({ code: 0 });
      const { code, stderr } = await workspace.run(plan);
      expect([code, stderr]).toEqual([0, ""]);
      const { stdout } = await workspace.run(show);
      await writeFile(join(workspace.folder, "plan.json"), stdout);
      const found = changes(JSON.parse(stdout));
      const excused = JSON.parse(await readFile(join(import.meta.dirname, "second-plan.json"), "utf8")) as Excused[];
      const covers = (excuse: Excused, { address, attribute }: { address: string; attribute: string }) =>
        excuse.attribute === attribute && matches(excuse.address, address);
      expect(found.filter((change) => !excused.some((excuse) => covers(excuse, change)))).toEqual([]);
      expect(excused.filter((excuse) => !found.some((change) => covers(excuse, change)))).toEqual([]);
    });

    test("a pull request's job tells what the fleet would cost", async () => {
      const priced = await fleet.greenleaf(["cost", "--plan", join(workspace.folder, "plan.json")]);
      expect([priced.code, priced.stdout]).toEqual([0, expect.stringMatching(/prod[\s\S]*USD/)]);
    });

    test("no password is in the state", async () => {
      const { stdout } = await workspace.run(["state", "pull"]);
      const names = ["db", "redis", "backend", "admin"];
      const seen = await Promise.all(names.map((name) => secretValues(fleet.account, `greenleaf/prod/${name}`)));
      expect(seen.flat().length).toBeGreaterThanOrEqual(5);
      for (const value of seen.flat()) expect(stdout.includes(value)).toBe(false);
    });

    test("of two who write at once one wins, and the other is told who holds the lock", async () => {
      const args = ["-refresh=false", "-input=false", "-auto-approve", "-lock-timeout=0s", PROD];
      const write = () => workspace.run(["apply", ...args, "-target=module.secrets.aws_kms_alias.this"]);
      const both = await Promise.all([write(), write()]);
      expect(both.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 1]);
      expect(both.find(({ code }) => code === 1)?.stderr).toMatch(/Error acquiring the state lock[\s\S]*Who:/);
    });

    test("an image that is named but not there is refused by variable name, one that is there is taken", async () => {
      const plan = (id: string) =>
        workspace.run(["plan", "-input=false", "-lock=false", "-refresh=false", PROD, `-var=ami={app="${id}"}`]);
      const absent = await plan("ami-0123456789abcdef0");
      expect([absent.code, oneLine(absent.stderr)]).toEqual([
        1,
        expect.stringContaining("variable ami.app: there is no image ami-0123456789abcdef0 in eu-west-3"),
      ]);
      expect(await plan(await anImage(fleet))).toMatchObject({ code: 0 });
    });

    test("a destroy of prod with another environment's variables is refused before anything is read", async () => {
      const ran = await workspace.run(["destroy", "-auto-approve", "-input=false", "-var-file=envs/dev.tfvars"]);
      expect([ran.code, oneLine(ran.stderr)]).toEqual([1, expect.stringContaining("terraform workspace select dev")]);
    });

    test("a destroy of prod is refused while it is protected, and nothing is touched", async () => {
      const before = await left(fleet.account, "prod");
      const targets = [[], ["-target=module.data.aws_db_instance.this"], ["-target=module.balancer.aws_lb.this"]];
      for (const target of targets) {
        const { code, stderr } = await fleet.answered(["destroy", PROD, ...target]);
        expect([code, oneLine(stderr)]).toEqual([
          1,
          expect.stringContaining("terraform_data.protected_see_runbook[0] has lifecycle.prevent_destroy set"),
        ]);
      }
      expect(await left(fleet.account, "prod")).toEqual(before);
    });

    test("an apply at night changes preprod's nodes and wakes none", async () => {
      const { made, asleep, applied, after } = await night;
      expect([made.code, errors(made)]).toEqual([0, []]);
      expect(asleep).toEqual({ MinSize: "0", MaxSize: "6", DesiredCapacity: "0", version: "1" });
      expect([applied.code, errors(applied)]).toEqual([0, []]);
      expect(after).toEqual({ ...asleep, version: "2" });
    });

    test("the guide's sequence for dev ends well", async () => {
      const { code, stderr } = await dev;
      expect([code, stderr]).toEqual([0, ""]);
    });

    test("fleet status reads the fleet back from the same AWS", async () => {
      const { stdout } = await fleet.greenleaf(["fleet", "status", "--json"]);
      const { nodes } = JSON.parse(stdout) as { nodes: ReadonlyArray<{ environment: string; role: string }> };
      const count = (environment: string, role: string) =>
        nodes.filter((node) => node.environment === environment && node.role === role).length;
      expect([count("prod", "app"), count("prod", "router"), count("dev", "router")]).toEqual([2, 2, 1]);
    });

    test("connect opens the environment's own kind of session on a node, and on nothing else", async () => {
      const { stdout } = await fleet.greenleaf(["fleet", "status", "--json"]);
      const { nodes } = JSON.parse(stdout) as { nodes: ReadonlyArray<{ id: string; environment: string }> };
      const node = nodes.find(({ environment }) => environment === "prod")?.id ?? "";
      // The AWS command line stands for itself: what matters is what it is told.
      const folder = await mkdtemp(join(tmpdir(), "greenleaf-aws-"));
      await writeFile(join(folder, "aws"), '#!/bin/sh\necho "$@"\n');
      await chmod(join(folder, "aws"), 0o755);
      const path = `${folder}:${process.env.PATH}`;
      const session = `ssm start-session --region eu-west-3 --target ${node} --document-name greenleaf-prod-session`;
      expect(await fleet.greenleaf(["connect", node], path)).toMatchObject({ code: 0, stdout: `${session}\n` });
      expect(await fleet.greenleaf(["connect", "i-0123456789abcdef0"], path)).toMatchObject({ code: 64, stdout: "" });
      await rm(folder, { recursive: true });
    });

    test("an update makes a new template, keeps the group and refreshes it", async () => {
      const refreshes = () => fleet.standIn.seen.filter(({ action }) => action === "StartInstanceRefresh").length;
      const before = refreshes();
      const image = await anImage(fleet);
      const { code, stderr } = await fleet.answered(["apply", PROD, `-var=ami={app="${image}"}`, "-var=log_days=30"]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(refreshes()).toBeGreaterThan(before);
      const name = { "LaunchTemplateName.1": "greenleaf-prod-app" };
      const template = await query(fleet.account, EC2, "DescribeLaunchTemplates", name);
      expect(elementText(template, "defaultVersionNumber")).toBe("2");
      const version = { LaunchTemplateName: "greenleaf-prod-app", "LaunchTemplateVersion.1": "2" };
      const made = await query(fleet.account, EC2, "DescribeLaunchTemplateVersions", version);
      expect(elementText(made, "imageId")).toBe(image);
    });

    test("the runbook's restore from a point in time, as it stands", async () => {
      const drill = commandsUnder(runbook, "Restore drill").map((command) => command.replaceAll("preprod", "prod"));
      const [restore = "", wait = ""] = drill;
      expect(restore).toContain("restore-db-instance-to-point-in-time");
      const group = (await left(fleet.account, "prod")).databaseGroup;
      await send(fleet.account, restore.replace("SG_OF_THE_DATABASE", group));
      const drilled = await send(fleet.account, wait);
      expect(elementText(drilled, "PubliclyAccessible")).toBe("false");
      expect(elementText(drilled, "VpcSecurityGroupId")).toBe(group);
      await send(fleet.account, drill.at(-1) ?? "");
    });

    test("the runbook's way to take prod away leaves a final snapshot and nothing else", async () => {
      const { balancerArn } = await left(fleet.account, "prod");
      const forgotten = [...runbook.matchAll(/terraform state rm '([^']+)'/g)].map(([, address = ""]) => address);
      expect(forgotten).toContain("module.secrets.aws_kms_key.this");
      for (const address of forgotten) expect(await workspace.run(["state", "rm", address])).toMatchObject({ code: 0 });
      for (const command of commandsUnder(runbook, "Taking a protected environment away")) {
        await send(fleet.account, command.replace("ARN_OF_THE_BALANCER", balancerArn));
      }
      const { code, stderr } = await fleet.answered(["destroy", PROD]);
      expect([code, stderr]).toEqual([0, ""]);
      expect((await workspace.run(["state", "list"])).stdout).toBe("");
      const keyStates = fleet.standIn.seen.filter(({ action }) => action === "ScheduleKeyDeletion");
      expect(keyStates, "the key of the final snapshot outlives it").toEqual([]);
      expect(await left(fleet.account, "prod")).toMatchObject({
        vpcs: 0,
        databases: [],
        balancers: [],
        groups: [],
        instances: 0,
        snapshots: [expect.stringMatching(/^greenleaf-prod-final-[0-9a-f-]+$/)],
      });
    });

    test("the runbook's restore from that snapshot, as it stands", async () => {
      const drill = commandsUnder(runbook, "Restore drill").map((command) => command.replaceAll("preprod", "prod"));
      const list = drill.find((command) => command.includes("describe-db-snapshots")) ?? "";
      const snapshot = elementText(await send(fleet.account, list), "DBSnapshotIdentifier") ?? "";
      const restore = drill.find((command) => command.includes("from-db-snapshot")) ?? "";
      // Prod's own network is gone; dev's is there.
      const { databaseGroup } = await left(fleet.account, "dev");
      await send(
        fleet.account,
        restore
          .replace("greenleaf-prod-final-ID", snapshot)
          .replace("SG_OF_THE_DATABASE", databaseGroup)
          .replace("--db-subnet-group-name greenleaf-prod", "--db-subnet-group-name greenleaf-dev"),
      );
      const restored = await query(fleet.account, RDS, "DescribeDBInstances", {
        DBInstanceIdentifier: "greenleaf-prod-drill",
      });
      expect(elementText(restored, "DBName")).toBe("medusa");
    });
  },
);

/** An image that this AWS has. */
async function anImage({ account }: MotoFleet): Promise<string> {
  const xml = await query(account, EC2, "DescribeImages", { "Owner.1": "amazon" });
  return elementText(xml, "imageId") ?? "";
}
