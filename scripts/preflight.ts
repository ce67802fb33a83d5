import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { isSet } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS, planFleet, unknownEnvironment } from "./fleet/plans.ts";
import { accountFacts } from "./preflight/account.ts";
import { edgeFindings } from "./preflight/edge.ts";
import { priceFindings } from "./preflight/money/prices.ts";
import { needsOf } from "./preflight/needs.ts";
import { answerOf } from "./preflight/page.ts";
import { findingsOf } from "./preflight/rules.ts";
import { progress } from "./progress.ts";

/** `./greenleaf preflight [ENV]`: what AWS and Cloudflare would refuse at an apply, looked at before; changes nothing. */
export async function preflight(line: ParsedCommandLine): Promise<number> {
  const environment = line.positionals[0] ?? "prod";
  if (!(ENVIRONMENTS as readonly string[]).includes(environment)) {
    throw unknownEnvironment("preflight", environment, { fix: "see ./greenleaf preflight --help" });
  }
  const account = await accountFromEnvironment();
  const [planned] = await progress.step("plan", () => planFleet([environment]));
  const plan = planned ?? { environment, resources: [], from: "" };
  const needs = needsOf(plan);
  const facts = await progress.step(`account, in ${account.region}`, () => accountFacts(account, needs));
  const findings = [
    ...findingsOf(needs, facts),
    ...(await progress.step("prices", () => priceFindings(account, plan))),
    ...(await progress.step("edge", () => edgeFindings(process.env))),
  ];
  const isColored = process.stdout.isTTY && !process.env.NO_COLOR;
  const looked = { environment, region: account.region, findings };
  const { text, exitCode } = answerOf(looked, { isJson: isSet(line, "json"), isColored });
  process.stdout.write(text);
  return exitCode;
}
