import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UnhealthyError } from "../node-agent/src/base/errors.ts";
import { isSet, textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS, unknownEnvironment } from "./fleet/plans.ts";
import { patchDeeds } from "./patch/deeds.ts";
import { executePatch } from "./patch/execute.ts";
import { patchFacts } from "./patch/facts.ts";
import { patchPlan, stepText } from "./patch/plan.ts";
import { openPublisher } from "./release/registry/publisher.ts";

/** `./greenleaf patch [ENV] [--plan]`: the month's updates: release, images, app nodes, then routers zone by zone. */
export async function patch(line: ParsedCommandLine): Promise<number> {
  const environment = line.positionals[0] ?? "prod";
  if (!(ENVIRONMENTS as readonly string[]).includes(environment)) {
    throw unknownEnvironment("patch", environment, { fix: "./greenleaf patch prod" });
  }
  const publisher = await openPublisher(await accountFromEnvironment());
  const facts = await patchFacts(publisher, environment);
  const plan = patchPlan(facts);
  if (plan.length === 0) throw noFleet(environment);
  process.stderr.write(plan.map((step, at) => `${at + 1}. ${stepText(step)}\n`).join(""));
  if (isSet(line, "plan")) return EXIT.ready;
  await executePatch(facts, plan, patchDeeds(publisher, { environment, broken: textOf(line, "break-lock") }));
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
