import { AgentError } from "../../node-agent/src/base/errors.ts";
import { type AwsAccount, AwsRefusal, json } from "../fleet/aws.ts";
import type { Seen } from "./facts.ts";

export const IAM = { service: "iam", version: "2010-05-08" };
export const EC2 = { service: "ec2", version: "2016-11-15" };
export const RDS = { service: "rds", version: "2014-10-31" };
export const CACHE = { service: "elasticache", version: "2015-02-02" };
export const STS = { service: "sts", version: "2011-06-15" };

/** A question whose failure is an answer too: what could not be looked at is said as such. */
export async function look<Value>(question: () => Promise<Value>): Promise<Seen<Value>> {
  try {
    return { value: await question() };
  } catch (error) {
    return { unseen: error instanceof AgentError ? `${error.message}: ${error.why}` : String(error) };
  }
}

/** Whether a question that names one thing finds it; any refusal but one of `codes` is passed on. */
export async function isThere(question: () => Promise<unknown>, ...codes: readonly string[]): Promise<boolean> {
  try {
    await question();
    return true;
  } catch (error) {
    if (error instanceof AwsRefusal && codes.includes(error.code)) return false;
    throw error;
  }
}

/** Every page of a Query API that goes on with `NextToken` or `Marker`; at most 100, which is more than an account has. */
export async function everyPage(
  ask: (more: Readonly<Record<string, string>>) => Promise<string>,
  token: "nextToken" | "Marker",
): Promise<readonly string[]> {
  const pages: string[] = [];
  let more: Readonly<Record<string, string>> = {};
  while (pages.length < 100) {
    const page = await ask(more);
    pages.push(page);
    const next = new RegExp(`<${token}>([^<]+)</${token}>`).exec(page)?.[1];
    if (next === undefined) return pages;
    more = { [token === "Marker" ? "Marker" : "NextToken"]: next };
  }
  return pages;
}

/** What is of the whole world (cost, budgets, prices, the account's plan) answers in one region. */
const inVirginia = (account: AwsAccount): AwsAccount => ({ ...account, region: "us-east-1" });

export const costExplorer = (account: AwsAccount, action: string, body: object) =>
  json(inVirginia(account), { service: "ce", target: "AWSInsightsIndexService" }, action, body);

export const budgets = (account: AwsAccount, action: string, body: object) =>
  json(inVirginia(account), { service: "budgets", target: "AWSBudgetServiceGateway" }, action, body);

export const priceList = (account: AwsAccount, action: string, body: object) =>
  json(inVirginia(account), { service: "pricing", target: "AWSPriceListService" }, action, body);

export const freeTier = (account: AwsAccount, action: string, body: object) =>
  json(inVirginia(account), { service: "freetier", target: "AWSFreeTierService" }, action, body);

/** The quota of the account; AWS's default where nobody ever asked for another. */
export async function quotaOf(account: AwsAccount, ServiceCode: string, QuotaCode: string): Promise<number> {
  const quotas = { service: "servicequotas", target: "ServiceQuotasV20190624" };
  const ask = async (action: string) => {
    const { Quota } = await json(account, quotas, action, { ServiceCode, QuotaCode });
    return Number((Quota as { readonly Value?: unknown } | undefined)?.Value);
  };
  try {
    return await ask("GetServiceQuota");
  } catch (error) {
    if (!(error instanceof AwsRefusal) || error.code !== "NoSuchResourceException") throw error;
    return ask("GetAWSDefaultServiceQuota");
  }
}
