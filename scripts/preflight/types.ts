import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, query } from "../fleet/aws.ts";
import { CACHE, EC2, everyPage, RDS } from "./ask.ts";
import type { TypeFact } from "./facts.ts";
import type { Needs } from "./needs.ts";

/** What AWS says of every instance type of the plan: its processors, and the zones of the region that have it. */
export async function typeFacts(account: AwsAccount, { groups }: Needs): Promise<readonly TypeFact[]> {
  const names = [...new Set(groups.map(({ type }) => type))].filter((name) => name !== "");
  return Promise.all(names.map((type) => typeFact(account, type)));
}

async function typeFact(account: AwsAccount, type: string): Promise<TypeFact> {
  const of = { "Filter.1.Name": "instance-type", "Filter.1.Value.1": type };
  const [shown, offered] = await Promise.all([
    query(account, EC2, "DescribeInstanceTypes", of),
    query(account, EC2, "DescribeInstanceTypeOfferings", { ...of, LocationType: "availability-zone" }),
  ]);
  const zones = [...offered.matchAll(/<location>([^<]*)</g)].map(([, zone = ""]) => zone);
  return { type, vcpus: Number(elementText(shown, "defaultVCpus") ?? 2), zones };
}

/** Whether AWS has each engine in the version the plan names; `17` stands for every 17.x. */
export async function engineFacts(account: AwsAccount, needs: Needs): Promise<Readonly<Record<string, boolean>>> {
  const found: Record<string, boolean> = {};
  for (const { engine, version } of needs.databases) {
    found[`${engine} ${version}`] = await hasVersion(version, (more) =>
      query(account, RDS, "DescribeDBEngineVersions", { Engine: engine, ...more }),
    );
  }
  for (const { engine, version } of needs.caches) {
    found[`${engine} ${version}`] = await hasVersion(version, (more) =>
      query(account, CACHE, "DescribeCacheEngineVersions", { Engine: engine, ...more }),
    );
  }
  return found;
}

async function hasVersion(
  version: string,
  ask: (more: Readonly<Record<string, string>>) => Promise<string>,
): Promise<boolean> {
  const pages = await everyPage(ask, "Marker");
  const versions = pages.flatMap((page) => [...page.matchAll(/<EngineVersion>([^<]*)</g)].map(([, each = ""]) => each));
  return versions.some((each) => each === version || each.startsWith(`${version}.`));
}
