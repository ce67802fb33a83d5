import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { httpRequest } from "../../node-agent/src/base/http-request.ts";
import { TERRAFORM_FOLDER } from "../fleet/terraform.ts";
import { type Finding, fails, ok } from "./finding.ts";

const API = "https://api.cloudflare.com/client/v4";
const RIGHTS = "docs/runbook.md lists the rights of the token";

/** The zone as terraform/edge/edge.tfvars names it. */
interface Zone {
  readonly name: string;
  readonly id: string;
  readonly accountId: string;
  readonly isPaid: boolean;
}

type Reply = {
  readonly status: number;
  readonly result: unknown;
  readonly errors: ReadonlyArray<{ readonly code?: number; readonly message?: string }>;
};
type Ask = (path: string) => Promise<Reply>;

/**
 * What Cloudflare would refuse at an apply of terraform/edge, by calls that only read. Without a token in
 * CLOUDFLARE_API_TOKEN nothing is looked at, and that is said. CLOUDFLARE_BASE_URL as for Cloudflare's own provider.
 */
export async function edgeFindings(env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_BASE_URL: base } = env;
  if (!token) {
    const fix = "export it before terraform/edge is applied (docs/runbook.md)";
    return [{ subject: "edge", verdict: "unseen", why: "CLOUDFLARE_API_TOKEN is not set", fix }];
  }
  const zone = await readZone();
  try {
    return await zoneFindings(zone, (path) => ask(`${base || API}${path}`, token));
  } catch (error) {
    return [{ subject: "edge", verdict: "unseen", why: `Cloudflare gave no answer: ${String(error)}` }];
  }
}

async function ask(url: string, token: string): Promise<Reply> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const { status, body } = await httpRequest({ url, headers, timeoutMs: 15_000 });
  const { result = null, errors = [] } = JSON.parse(body) as Partial<Reply>;
  return { status, result, errors };
}

/** From the first question that fails on, the others have no answer. */
async function zoneFindings(zone: Zone, question: Ask): Promise<readonly Finding[]> {
  const token = await question("/user/tokens/verify");
  const state = textIn(token.result, "status");
  if (state !== "active")
    return [fails("edge token", `Cloudflare says ${state ?? words(token)}`, "make another token")];
  const shown = await question(`/zones/${zone.id}`);
  if (shown.status !== 200) {
    return [
      ok("edge token", "active"),
      fails("edge zone", `${zone.id}: ${words(shown)}`, `put the zone's id into edge.tfvars; ${RIGHTS}`),
    ];
  }
  const [dnssec, buckets] = [
    await question(`/zones/${zone.id}/dnssec`),
    await question(`/accounts/${zone.accountId}/r2/buckets`),
  ];
  return [
    ok("edge token", "active"),
    zoneFinding(zone, shown),
    planFinding(zone, shown),
    r2(buckets),
    dnssecFinding(dnssec),
  ];
}

function zoneFinding({ name }: Zone, { result }: Reply): Finding {
  const [found, state] = [textIn(result, "name"), textIn(result, "status")];
  const subject = "edge zone";
  if (found !== name) return fails(subject, `the id is ${found ?? "nobody"}'s, not ${name}'s`, "correct edge.tfvars");
  if (state === "active") return ok(subject, `${name} is active`);
  const why = `${name} is ${state ?? "unknown"}: its registrar does not name Cloudflare's servers yet`;
  return fails(subject, why, "set the two name servers that Cloudflare shows, at the registrar");
}

function planFinding({ isPaid }: Zone, { result }: Reply): Finding {
  const plan = textIn((result as { readonly plan?: unknown } | null)?.plan, "legacy_id") ?? "unknown";
  if (!isPaid || plan !== "free") return ok("edge plan", plan);
  const why = "the zone is on the free plan, and edge.tfvars says paid_plan";
  return { subject: "edge plan", verdict: "warns", why, fix: "the apply buys Pro; a card must be on file" };
}

function r2(reply: Reply): Finding {
  if (reply.status === 200) return ok("R2", "enabled");
  const isOff = reply.errors.some(({ code }) => code === 10_042);
  const why = isOff ? "it is not enabled in this account" : words(reply);
  return fails("R2", why, isOff ? "enable it once by hand: dashboard, R2" : RIGHTS);
}

function dnssecFinding({ status, result }: Reply): Finding {
  const state = status === 200 ? (textIn(result, "status") ?? "unknown") : "unknown";
  if (state === "active" || state === "disabled") return ok("DNSSEC", state);
  const fix = "put the DS record that Cloudflare shows to the registrar";
  return { subject: "DNSSEC", verdict: "warns", why: state, fix };
}

const words = ({ status, errors }: Reply): string =>
  errors.map(({ code, message }) => `${code ?? ""} ${message ?? ""}`.trim()).join(", ") || `HTTP ${status}`;

function textIn(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" ? found : undefined;
}

async function readZone(): Promise<Zone> {
  const tfvars = await readFile(join(TERRAFORM_FOLDER, "edge/edge.tfvars"), "utf8");
  const of = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*"([^"]*)"`, "m").exec(tfvars)?.[1] ?? "";
  const isPaid = /^\s*paid_plan\s*=\s*true/m.test(tfvars);
  return { name: of("name"), id: of("id"), accountId: of("account_id"), isPaid };
}
