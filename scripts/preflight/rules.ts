import type { AccountFacts, Quota, Seen } from "./facts.ts";
import { type Finding, fails, ok, warns } from "./finding.ts";
import { imagesFinding } from "./images.ts";
import { mailFindings } from "./mail.ts";
import { budgetFinding, costTagFinding } from "./money/budget.ts";
import type { GroupNeed, Needs } from "./needs.ts";

const BOOTSTRAP = "scripts/bootstrap.sh makes it";
/** Signature Version 4 allows five minutes. */
const CLOCK_MS = 4 * 60_000;

/** Every thing that is looked at, in the order in which an apply meets it. */
export function findingsOf(needs: Needs, facts: AccountFacts): readonly Finding[] {
  return [
    identity(facts),
    ...seen("clock", facts.clockAheadMs, clock),
    ...seen("rights", facts.denied, rights),
    ...seen("account plan", facts.plan, (plan) => accountPlan(plan, needs)),
    ...bootstrapped(needs, facts),
    ...quotas(needs, facts),
    ...seen("instance types", facts.types, (types) => offers(needs, types)),
    ...seen("engines", facts.engines, (known) => absent("engines", known, ENGINES)),
    ...seen("images", facts.images, imagesFinding),
    ...(needs.budget === undefined ? [] : seen("budget", facts.budget, (state) => budgetFinding(needs, state))),
    ...(needs.countsByTag ? seen("cost tag", facts.costTag, costTagFinding) : []),
    ...seen("mail", facts.mail, mailFindings),
  ];
}

function seen<Value>(
  subject: string,
  fact: Seen<Value>,
  judge: (value: Value) => Finding | readonly Finding[],
): readonly Finding[] {
  if ("unseen" in fact) return [{ subject, verdict: "unseen", why: fact.unseen }];
  return [judge(fact.value)].flat() as readonly Finding[];
}

function identity({ identity: { accountId, arn } }: AccountFacts): Finding {
  if (!arn.endsWith(":root")) return ok("credentials", `account ${accountId} as ${arn}`);
  const fix =
    "make a role or a user for this, with AdministratorAccess while the account is new, and keep the root away";
  return warns("credentials", `account ${accountId} as its root user`, fix);
}

function clock(aheadMs: number): Finding {
  const seconds = Math.round(aheadMs / 1000);
  if (Math.abs(aheadMs) < CLOCK_MS) return ok("clock", `${Math.abs(seconds)} s from AWS's`);
  const why = `this machine is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} AWS, which takes five minutes`;
  return fails("clock", why, "set the clock: timedatectl set-ntp true");
}

function rights(denied: readonly string[]): Finding {
  if (denied.length === 0) return ok("rights", "what an apply calls is allowed (simulated by IAM)");
  const why = `these credentials may not ${denied.join(", ")}`;
  return fails("rights", why, "apply with a role that may administer the account");
}

function accountPlan(plan: "FREE" | "PAID", { groups }: Needs): Finding {
  const large = groups.filter(({ type }) => !/^t3\.micro$|^t4g\.(micro|small)$|^t3\.small$/.test(type));
  if (plan === "PAID" || large.length === 0) return ok("account plan", plan.toLowerCase());
  const why = `an account on the free plan starts free-tier types only, not ${namesOf(large.map(({ type }) => type))}`;
  return fails("account plan", why, "upgrade the account to the paid plan (Billing console)");
}

function bootstrapped({ secrets }: Needs, facts: AccountFacts): readonly Finding[] {
  return [
    ...seen("linked roles", facts.linkedRoles, (known) => absent("linked roles", known, ROLES)),
    ...seen("key", facts.keyState, key),
    ...seen("buckets", facts.buckets, buckets),
    ...seen("signing key", facts.signingKey, signingKey),
    ...seen("secrets", facts.secrets, (states) => secretsFinding(secrets, states)),
  ];
}

function key(state: string | undefined): Finding {
  if (state === "Enabled") return ok("key", "alias/greenleaf is enabled");
  if (state === undefined) return fails("key", "there is no alias/greenleaf", BOOTSTRAP);
  const why = `alias/greenleaf is ${state}: nothing under it can be read`;
  const fix = "aws kms cancel-key-deletion and enable-key, with the key's id (docs/runbook.md)";
  return fails("key", why, fix);
}

function buckets(states: Readonly<Record<string, "ours" | "missing" | "foreign">>): readonly Finding[] {
  const found = Object.entries(states).map(([kind, state]): Finding => {
    const subject = `bucket ${kind}`;
    if (state === "ours") return ok(subject, "there");
    if (state === "missing") return fails(subject, "it is not there", BOOTSTRAP);
    const why = "its name is another account's, or these credentials may not look at it";
    return fails(subject, why, "look whose it is: aws s3api head-bucket");
  });
  return found;
}

function signingKey(isThere: boolean): Finding {
  const subject = "signing key";
  return isThere ? ok(subject, "there") : fails(subject, "there is none", BOOTSTRAP);
}

function secretsFinding(wanted: readonly string[], states: Readonly<Record<string, string>>): readonly Finding[] {
  const of = (state: string) => wanted.filter((name) => (states[name] ?? "missing") === state);
  const [missing, deleted] = [of("missing"), of("deleted")];
  const subject = "secrets";
  const found: Finding[] = [];
  if (missing.length > 0) {
    found.push(fails(subject, `not there: ${missing.join(", ")}`, BOOTSTRAP));
  }
  if (deleted.length > 0) {
    const why = `scheduled for deletion, so that their names cannot be given again: ${deleted.join(", ")}`;
    found.push(fails(subject, why, "aws secretsmanager restore-secret --secret-id NAME"));
  }
  return found.length > 0 ? found : [ok(subject, `${wanted.length} there`)];
}

interface Wanted {
  readonly subject: string;
  readonly fact: Seen<Quota>;
  readonly wanted: number;
  readonly unit: string;
}

function quotas(needs: Needs, facts: AccountFacts): readonly Finding[] {
  const vcpus = (isSpot: boolean) =>
    vcpusOf(
      needs.groups.filter((group) => group.isSpot === isSpot),
      facts,
    );
  const rows: readonly Wanted[] = [
    { subject: "quota: on-demand vCPUs", fact: facts.onDemand, wanted: vcpus(false), unit: "vCPUs" },
    { subject: "quota: Spot vCPUs", fact: facts.spot, wanted: vcpus(true), unit: "vCPUs" },
    { subject: "quota: Elastic IPs", fact: facts.addresses, wanted: needs.addresses, unit: "addresses" },
    { subject: "quota: VPCs", fact: facts.networks, wanted: needs.networks, unit: "VPCs" },
    { subject: "quota: databases", fact: facts.databases, wanted: needs.databases.length, unit: "databases" },
  ];
  return rows
    .filter(({ wanted }) => wanted > 0)
    .flatMap((row) => seen(row.subject, row.fact, (quota) => quotaFinding(row, quota)));
}

function quotaFinding({ subject, wanted, unit }: Wanted, { code, limit, used }: Quota): Finding {
  const why = `${wanted} ${unit} at the peak beside ${used} of others; the limit is ${limit}`;
  if (wanted + used <= limit) return ok(subject, why);
  const fix = `ask for ${wanted + used} or more: Service Quotas, ${code} (an hour to some days)`;
  return fails(subject, why, fix);
}

/** Two for a type nothing is known of: what the smallest of every family has. */
function vcpusOf(groups: readonly GroupNeed[], { types }: AccountFacts): number {
  const known = "value" in types ? types.value : [];
  const each = (name: string) => known.find(({ type }) => type === name)?.vcpus ?? 2;
  return groups.reduce((sum, { type, atMost }) => sum + atMost * each(type), 0);
}

function offers(
  { groups }: Needs,
  types: ReadonlyArray<{ readonly type: string; readonly zones: readonly string[] }>,
): Finding {
  const offered = (name: string) => types.find(({ type }) => type === name)?.zones.length ?? 0;
  const short = [...new Set(groups.map(({ type }) => type))].filter((name) => offered(name) < 2);
  if (short.length === 0)
    return ok("instance types", `${namesOf(groups.map(({ type }) => type))} in two zones or more`);
  const why = `not offered in two zones of this region: ${short.join(", ")}`;
  return fails("instance types", why, "choose others in terraform/envs, or another region");
}

interface Absence {
  readonly what: string;
  readonly fix: string;
}
const ENGINES: Absence = { what: "AWS does not offer", fix: "choose a version it offers in terraform/envs" };
const ROLES: Absence = { what: "not there yet", fix: BOOTSTRAP };

function absent(subject: string, known: Readonly<Record<string, boolean>>, { what, fix }: Absence): Finding {
  const names = Object.keys(known);
  const missing = names.filter((name) => known[name] !== true);
  if (missing.length === 0) return ok(subject, names.join(", "));
  return fails(subject, `${what}: ${missing.join(", ")}`, fix);
}

const namesOf = (names: readonly string[]): string => [...new Set(names)].join(", ");
