import { SECRETS } from "../bootstrap/inventory.ts";
import type { Planned } from "../fleet/plans.ts";
import { block, number, ofType, type Resource, text, type Values } from "../fleet/resource.ts";
import { type MailNeed, mailNeed } from "./mail.ts";

/** Instances a group runs at its peak: while it is refreshed it has new ones beside the old. */
export interface GroupNeed {
  readonly name: string;
  readonly type: string;
  readonly atMost: number;
  readonly isSpot: boolean;
}

export interface EngineNeed {
  readonly engine: string;
  readonly version: string;
}

/** What a plan asks of an account, as far as an account may say no. */
export interface Needs {
  readonly environment: string;
  readonly groups: readonly GroupNeed[];
  readonly addresses: number;
  readonly networks: number;
  readonly databases: readonly EngineNeed[];
  readonly caches: readonly EngineNeed[];
  /** What launch templates take their image from: parameters, or images by id. */
  readonly images: readonly string[];
  readonly secrets: readonly string[];
  /** The budget, and whether it counts by the tag Environment. */
  readonly budget: string | undefined;
  readonly countsByTag: boolean;
  /** Amazon's mail service, where the plan's own parameters name it. */
  readonly mail: MailNeed | undefined;
}

export function needsOf({ environment, resources }: Planned): Needs {
  const engines = (type: string) =>
    ofType(resources, type).map(({ values }) => ({
      engine: text(values.engine),
      version: text(values.engine_version),
    }));
  return {
    environment,
    groups: ofType(resources, "aws_autoscaling_group").map((group) => groupNeed(group, resources)),
    addresses: ofType(resources, "aws_eip").length,
    networks: ofType(resources, "aws_vpc").length,
    databases: engines("aws_db_instance"),
    caches: engines("aws_elasticache_replication_group"),
    images: [...new Set(ofType(resources, "aws_launch_template").flatMap(imageSource))],
    secrets: SECRETS.map((name) => `greenleaf/${environment}/${name}`),
    budget: ofType(resources, "aws_budgets_budget").map(({ values }) => text(values.name))[0],
    mail: mailNeed(ofType(resources, "aws_ssm_parameter").map(({ values }) => [text(values.name), text(values.value)])),
    countsByTag: JSON.stringify(ofType(resources, "aws_budgets_budget")).includes("user:Environment$"),
  };
}

function imageSource({ values }: Resource): readonly string[] {
  const image = text(values.image_id).replace(/^resolve:ssm:/, "");
  return image === "" ? [] : [image];
}

function groupNeed({ address, values }: Resource, resources: readonly Resource[]): GroupNeed {
  // A group and its template are two modules beside each other.
  const besides = address.replace(/\.module\.group(\[[^\]]*\])?\..*$/, ".module.template$1.");
  const template = ofType(resources, "aws_launch_template").find((each) => each.address.startsWith(besides));
  const healthy = number(block(values, "instance_maintenance_policy")?.max_healthy_percentage ?? 100);
  const most = Math.max(number(values.max_size), number(values.desired_capacity ?? values.max_size));
  return {
    name: text(values.name),
    type: text(template?.values.instance_type),
    atMost: Math.ceil((most * Math.max(100, healthy)) / 100),
    isSpot: spotOf(values),
  };
}

function spotOf(values: Values): boolean {
  const policy = block(values, "mixed_instances_policy");
  const spread = policy === undefined ? undefined : block(policy, "instances_distribution");
  return spread !== undefined && number(spread.on_demand_percentage_above_base_capacity) < 100;
}
