import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type Role, SYSTEMS, type System } from "../ami/bake.ts";
import { type AwsAccount, AwsRefusal, query } from "../fleet/aws.ts";
import type { Publisher } from "../release/registry/publisher.ts";
import type { GoldenImage, PatchFacts } from "./plan.ts";

const EC2 = { service: "ec2", version: "2016-11-15" };
const SCALING = { service: "autoscaling", version: "2011-01-01" };

export async function patchFacts(publisher: Publisher, environment: string): Promise<PatchFacts> {
  const [app, router] = [await golden(publisher, environment, "app"), await golden(publisher, environment, "router")];
  return {
    environment,
    golden: { ...(app === undefined ? {} : { app }), ...(router === undefined ? {} : { router }) },
    groups: await groupsOf(publisher.account, environment),
  };
}

async function golden(publisher: Publisher, environment: string, role: Role): Promise<GoldenImage | undefined> {
  const image = await publisher.parameter(`/greenleaf/${environment}/ami/${role}`);
  return image === undefined ? undefined : { image, system: await systemOf(publisher.account, image) };
}

/** What the image was baked on, by its own tag. One that was deregistered meanwhile is replaced by the usual one. */
async function systemOf(account: AwsAccount, image: string): Promise<System> {
  try {
    const xml = await query(account, EC2, "DescribeImages", { "ImageId.1": image });
    const tag = /<key>Os<\/key>\s*<value>([^<]*)<\/value>/.exec(xml)?.[1];
    return SYSTEMS.find((system) => system === tag) ?? SYSTEMS[0];
  } catch (error) {
    if (error instanceof AwsRefusal) return SYSTEMS[0];
    throw error;
  }
}

async function groupsOf(account: AwsAccount, environment: string): Promise<readonly string[]> {
  const found: string[] = [];
  let more: Readonly<Record<string, string>> | undefined = {};
  while (more !== undefined) {
    const xml = await query(account, SCALING, "DescribeAutoScalingGroups", { MaxRecords: "100", ...more });
    for (const [, name = ""] of xml.matchAll(/<AutoScalingGroupName>([^<]*)</g)) found.push(name);
    const next: string | undefined = elementText(xml, "NextToken");
    more = next ? { NextToken: next } : undefined;
  }
  return [...new Set(found)].filter((name) => name.startsWith(`greenleaf-${environment}-`));
}
