import { type Resource, text } from "../fleet/resource.ts";

/** Resources of a parked environment: as `-var parked=true` plans it (a test compares the two). */
export function parked(resources: readonly Resource[]): readonly Resource[] {
  return resources.filter((resource) => !goneWhenParked(resource));
}

function goneWhenParked({ address, type, index }: Resource): boolean {
  if (type === "aws_autoscaling_schedule") return address.includes("aws_autoscaling_schedule.start[");
  if (type === "aws_scheduler_schedule") return index === "start";
  if (type === "aws_cloudwatch_metric_alarm") return /\.(balancer|cache)\[/.test(address);
  return /^aws_(lb|lb_listener|lb_listener_rule|elasticache_replication_group)$/.test(type);
}

/** The same environment waking every day of the week, as the guide says, or on other days. */
export function wakingOn(resources: readonly Resource[], days: string): readonly Resource[] {
  return resources.map((resource) => {
    const { type, address, values } = resource;
    if (type === "aws_autoscaling_schedule" && address.includes(".start[")) {
      return { ...resource, values: { ...values, recurrence: text(values.recurrence).replace(/\S+$/, days) } };
    }
    if (type === "aws_scheduler_schedule" && resource.index === "start") {
      return {
        ...resource,
        values: { ...values, schedule_expression: schedulerCron(text(values.schedule_expression), days) },
      };
    }
    return resource;
  });
}

function schedulerCron(expression: string, days: string): string {
  const [, minute, hour] = expression.match(/^cron\((\d+) (\d+) /) ?? [];
  return days === "*" ? `cron(${minute} ${hour} * * ? *)` : `cron(${minute} ${hour} ? * ${days} *)`;
}

/** The same environment without any schedule: on all year. */
export function alwaysOn(resources: readonly Resource[]): readonly Resource[] {
  return resources.filter(({ type }) => !/^aws_(autoscaling|scheduler)_schedule$/.test(type));
}

/** Only the nodes sleep, as the guide's aws_autoscaling_schedule alone would have it. */
export function onlyNodesSleep(resources: readonly Resource[]): readonly Resource[] {
  return resources.filter(
    ({ type, index }) => type !== "aws_scheduler_schedule" && (type !== "aws_autoscaling_schedule" || index === "app"),
  );
}
