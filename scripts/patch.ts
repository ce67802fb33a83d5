import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, type ExitCode, UnhealthyError } from "../node-agent/src/base/errors.ts";
import { isSet, textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS, unknownEnvironment } from "./fleet/plans.ts";
import { patchDeeds } from "./patch/deeds.ts";
import { executePatch, type PatchDeeds } from "./patch/execute.ts";
import { patchFacts } from "./patch/facts.ts";
import { type PatchFacts, patchPlan, stepText } from "./patch/plan.ts";
import { openPublisher } from "./release/registry/publisher.ts";

/** `./greenleaf patch [ENV] [--plan]`: the month's updates: release, images, app nodes, then routers zone by zone. */
export async function patch(line: ParsedCommandLine): Promise<number> {
  const environment = line.positionals[0] ?? "prod";
  if (!(ENVIRONMENTS as readonly string[]).includes(environment)) {
    throw unknownEnvironment("patch", environment, { fix: "./greenleaf patch prod" });
  }
  const publisher = await openPublisher(await accountFromEnvironment());
  const facts = await patchFacts(publisher, environment);
  const deeds = patchDeeds(publisher, {
    environment,
    broken: textOf(line, "break-lock"),
    storefront: textOf(line, "storefront"),
  });
  return runPatch(facts, deeds, isSet(line, "plan"));
}

/** Tells the steps, and does them unless only the plan was asked for. */
export async function runPatch(facts: PatchFacts, deeds: PatchDeeds, isPlan: boolean): Promise<ExitCode> {
  const { environment } = facts;
  const plan = patchPlan(facts);
  if (plan.length === 0) throw noFleet(environment);
  process.stderr.write(plan.map((step, at) => `${at + 1}. ${stepText(step)}\n`).join(""));
  if (isPlan) return EXIT.ready;
  await executePatch(facts, plan, deeds);
  process.stderr.write(`next: ./greenleaf fleet status; the release back: ./greenleaf rollback ${environment}\n`);
  return EXIT.ready;
}

function noFleet(environment: string): UnhealthyError {
  return new UnhealthyError(`patch: ${environment} has no app nodes`, {
    code: "deploy.no-nodes",
    why: `there is no Auto Scaling group greenleaf-${environment}-app in this account and region`,
    fix: `terraform apply -var-file=envs/${environment}.tfvars, or name another environment`,
  });
}
