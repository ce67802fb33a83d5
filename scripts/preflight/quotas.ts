import { type AwsAccount, query } from "../fleet/aws.ts";
import { EC2, everyPage, look, quotaOf, RDS } from "./ask.ts";
import type { AccountFacts, Quota } from "./facts.ts";
import type { Needs } from "./needs.ts";

type Quotas = Pick<AccountFacts, "onDemand" | "spot" | "addresses" | "networks" | "databases">;

/** What the account may have and has already, without what this environment has: an apply finds that again. */
export async function quotaFacts(account: AwsAccount, { environment }: Needs): Promise<Quotas> {
  const quota = (service: string, code: string, used: () => Promise<number>) =>
    look<Quota>(async () => ({ code, limit: await quotaOf(account, service, code), used: await used() }));
  const vcpus = once(() => vcpusInUse(account, environment));
  const [onDemand, spot, addresses, networks, databases] = await Promise.all([
    quota("ec2", "L-1216C47A", async () => (await vcpus()).onDemand),
    quota("ec2", "L-34B43A08", async () => (await vcpus()).spot),
    quota("ec2", "L-0263D0A3", () => count(account, "DescribeAddresses", "publicIp", environment)),
    quota("vpc", "L-F678F1CE", () => count(account, "DescribeVpcs", "vpcId", environment)),
    quota("rds", "L-7B6409FD", () => databasesInUse(account, environment)),
  ]);
  return { onDemand, spot, addresses, networks, databases };
}

function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}

const isOf = (item: string, environment: string): boolean =>
  new RegExp(`<key>Environment</key>\\s*<value>${environment}</value>`).test(item) &&
  /<key>Project<\/key>\s*<value>greenleaf<\/value>/.test(item);

/** The things a list of EC2's names by `element`, each with all up to the next. */
const itemsOf = (xml: string, element: string): readonly string[] => xml.split(`<${element}>`).slice(1);

async function count(account: AwsAccount, action: string, element: string, environment: string): Promise<number> {
  const pages = await everyPage((more) => query(account, EC2, action, more), "nextToken");
  return pages.flatMap((page) => itemsOf(page, element)).filter((item) => !isOf(item, environment)).length;
}

async function vcpusInUse(account: AwsAccount, environment: string) {
  const running = {
    "Filter.1.Name": "instance-state-name",
    "Filter.1.Value.1": "pending",
    "Filter.1.Value.2": "running",
  };
  const pages = await everyPage(
    (more) => query(account, EC2, "DescribeInstances", { ...running, ...more }),
    "nextToken",
  );
  const others = pages.flatMap((page) => itemsOf(page, "instanceId")).filter((item) => !isOf(item, environment));
  const sum = (isSpot: boolean) =>
    others
      .filter((item) => /<instanceLifecycle>spot</.test(item) === isSpot)
      .reduce((all, item) => all + vcpusOf(item), 0);
  return { onDemand: sum(false), spot: sum(true) };
}

const vcpusOf = (item: string): number => {
  const of = (element: string) => Number(new RegExp(`<${element}>(\\d+)<`).exec(item)?.[1] ?? Number.NaN);
  const product = of("coreCount") * of("threadsPerCore");
  // The smallest of today's types has two.
  return Number.isNaN(product) ? 2 : product;
};

async function databasesInUse(account: AwsAccount, environment: string): Promise<number> {
  const pages = await everyPage((more) => query(account, RDS, "DescribeDBInstances", more), "Marker");
  const names = pages.flatMap((page) => [...page.matchAll(/<DBInstanceIdentifier>([^<]*)</g)].map(([, name]) => name));
  return names.filter((name) => name !== `greenleaf-${environment}`).length;
}
