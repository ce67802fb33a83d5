import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, query } from "../fleet/aws.ts";
import type { Publisher } from "../release/registry/publisher.ts";

const EC2 = { service: "ec2", version: "2016-11-15" };

/** The image packer made, out of its manifest: `REGION:ami-ID` of the last build. */
export function imageIn(manifest: string): string {
  const { builds, last_run_uuid: last } = JSON.parse(manifest) as {
    builds: ReadonlyArray<{ artifact_id: string; packer_run_uuid: string }>;
    last_run_uuid: string;
  };
  const artifact = builds.find(({ packer_run_uuid: run }) => run === last)?.artifact_id ?? "";
  return artifact.split(":").at(-1) ?? "";
}

/** Every instance of the image answers metadata version 2 only, whatever its launch template says. */
export async function requireTokens(account: AwsAccount, image: string): Promise<void> {
  const call = { ImageId: image, Attribute: "imdsSupport", "ImdsSupport.Value": "v2.0" };
  await query(account, EC2, "ModifyImageAttribute", call);
}

/** Refuses an image that is not ready, or has a disk that is not encrypted. */
export async function checkImage(account: AwsAccount, image: string): Promise<void> {
  const xml = await query(account, EC2, "DescribeImages", { "ImageId.1": image });
  const disks = [...xml.matchAll(/<ebs>([\s\S]*?)<\/ebs>/g)].map(([, disk = ""]) => elementText(disk, "encrypted"));
  const problems = [
    ...(elementText(xml, "imageState") === "available" ? [] : ["it is not available"]),
    ...(elementText(xml, "imdsSupport") === "v2.0" ? [] : ["its instances would answer metadata version 1"]),
    ...(disks.length > 0 && disks.every((encrypted) => encrypted === "true") ? [] : ["a disk is not encrypted"]),
  ];
  if (problems.length === 0) return;
  throw new ConfigurationError(`ami: ${image} is not published`, {
    code: "ami.image",
    why: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
    problems,
    fix: "deregister it and build it again",
  });
}

/** Where launch templates look: the next instance of the role is made from it. */
export async function publishImage(
  publisher: Publisher,
  { role, image, environments }: { role: string; image: string; environments: readonly string[] },
): Promise<void> {
  for (const environment of environments) await publisher.setParameter(`/greenleaf/${environment}/ami/${role}`, image);
}
