import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, AwsRefusal, query } from "./aws.ts";

const EC2 = { service: "ec2", version: "2016-11-15" };
const SCALING = { service: "autoscaling", version: "2011-01-01" };
const BALANCER = { service: "elasticloadbalancing", version: "2015-12-01" };
const DAY_MS = 86_400_000;

/** One running instance of the fleet, as AWS knows it. */
export interface FleetNode {
  readonly id: string;
  readonly environment: string;
  readonly role: string;
  readonly zone: string;
  readonly type: string;
  readonly state: string;
  /** Place in its group's life, such as InService; `none` outside a group. */
  readonly lifecycle: string;
  /** Launch template version, against the group's newest. */
  readonly template: string;
  /** What the load balancer says; `-` for routers. */
  readonly target: string;
  readonly image: string;
  /** Whole days since the image was made; undefined when AWS no longer shows it. */
  readonly imageDays: number | undefined;
}

/** Every instance tagged Project=greenleaf, with what Auto Scaling and the load balancer say of it. */
export async function nodes(account: AwsAccount, now = new Date()): Promise<readonly FleetNode[]> {
  const found = await instances(account);
  if (found.length === 0) return [];
  const [members, targets, images] = await Promise.all([
    memberships(account),
    targetHealth(account),
    imageDates(account, found),
  ]);
  const whole: FleetNode[] = [];
  for (const node of found) {
    const { lifecycle = "none", template = "-" } = members.get(node.id) ?? {};
    const imageDays = ageInDays(images.get(node.image), now);
    whole.push({ ...node, lifecycle, template, target: targets.get(node.id) ?? "-", imageDays });
  }
  return whole.toSorted((a, b) => key(a).localeCompare(key(b)));
}

const key = ({ environment, role, zone, id }: Pick<FleetNode, "environment" | "role" | "zone" | "id">) =>
  [environment, role, zone, id].join(" ");

const ageInDays = (made: string | undefined, now: Date): number | undefined =>
  made === undefined ? undefined : Math.floor((now.getTime() - Date.parse(made)) / DAY_MS);

async function instances(account: AwsAccount) {
  const xml = await query(account, EC2, "DescribeInstances", {
    "Filter.1.Name": "tag:Project",
    "Filter.1.Value.1": "greenleaf",
    "Filter.2.Name": "instance-state-name",
    "Filter.2.Value.1": "pending",
    "Filter.2.Value.2": "running",
    "Filter.2.Value.3": "stopping",
    "Filter.2.Value.4": "stopped",
  });
  return xml
    .split("<instanceId>")
    .slice(1)
    .map((part) => ({
      id: part.slice(0, part.indexOf("<")),
      environment: tagOf(part, "Environment"),
      role: tagOf(part, "Role"),
      zone: elementText(part, "availabilityZone") ?? "?",
      type: elementText(part, "instanceType") ?? "?",
      state: part.match(/<instanceState>[\s\S]*?<name>(\w[\w-]*)</)?.[1] ?? "?",
      image: elementText(part, "imageId") ?? "?",
    }));
}

const tagOf = (part: string, name: string): string =>
  part.match(new RegExp(`<key>${name}</key>\\s*<value>([^<]*)</value>`))?.[1] ?? "?";

async function memberships(account: AwsAccount) {
  const xml = await query(account, SCALING, "DescribeAutoScalingInstances");
  const found = new Map<string, { lifecycle: string; template: string }>();
  for (const part of xml.split("<member>").slice(1)) {
    const template = elementText(part.split("<LaunchTemplate>")[1] ?? "", "Version") ?? "-";
    found.set(elementText(part, "InstanceId") ?? "", {
      lifecycle: elementText(part, "LifecycleState") ?? "?",
      template,
    });
  }
  return found;
}

async function targetHealth(account: AwsAccount) {
  const groups = await query(account, BALANCER, "DescribeTargetGroups");
  const found = new Map<string, string>();
  for (const [, arn = ""] of groups.matchAll(/<TargetGroupArn>([^<]*:targetgroup\/greenleaf-[^<]*)</g)) {
    const xml = await query(account, BALANCER, "DescribeTargetHealth", { TargetGroupArn: arn });
    for (const part of xml.split("<member>").slice(1))
      found.set(elementText(part, "Id") ?? "", elementText(part, "State") ?? "?");
  }
  return found;
}

// One image at a time: an unknown one fails the whole question.
async function imageDates(account: AwsAccount, found: ReadonlyArray<{ image: string }>) {
  const dates = new Map<string, string>();
  for (const image of new Set(found.map((node) => node.image))) {
    try {
      const made = elementText(await query(account, EC2, "DescribeImages", { "ImageId.1": image }), "creationDate");
      if (made !== undefined) dates.set(image, made);
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
    }
  }
  return dates;
}
