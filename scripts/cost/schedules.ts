import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { number, ofType, type Resource, text } from "../fleet/resource.ts";
import { awakeHours, parseRecurrence, type Recurrence, yearHours } from "./calendar.ts";

/** Hours of the year each scheduled thing is awake, by group name or database identifier; what is not in it always is. */
export interface Schedules {
  readonly awake: (name: string) => number;
  /** Share of the year something is awake. */
  readonly share: (name: string) => number;
}

interface Move {
  readonly address: string;
  readonly what: string;
  readonly timeZone: string;
  readonly on: boolean;
  readonly at: Recurrence;
}

export function awakeHoursByGroup(resources: readonly Resource[], year: number): Schedules {
  const moves = [...groupMoves(resources), ...databaseMoves(resources)];
  const hours = new Map(
    [...Map.groupBy(moves, ({ what }) => what)].map(([what, own]) => [what, awakeHours(weekOf(own), year)]),
  );
  const all = yearHours(year);
  const awake = (name: string) => hours.get(name) ?? all;
  return { awake, share: (name) => awake(name) / all };
}

function weekOf(moves: readonly Move[]) {
  const zones = new Set(moves.map(({ timeZone }) => timeZone));
  const [timeZone] = zones;
  if (timeZone === undefined || timeZone === "" || zones.size > 1) throw mixedZones(moves);
  const at = (on: boolean) => moves.filter((move) => move.on === on).map((move) => move.at);
  return { timeZone, starts: at(true), stops: at(false) };
}

function groupMoves(resources: readonly Resource[]): Move[] {
  return ofType(resources, "aws_autoscaling_schedule").map(({ address, values }) => ({
    address,
    what: text(values.autoscaling_group_name),
    timeZone: text(values.time_zone),
    on: number(values.desired_capacity) > 0,
    at: parseRecurrence(text(values.recurrence), address),
  }));
}

function databaseMoves(resources: readonly Resource[]): Move[] {
  return ofType(resources, "aws_scheduler_schedule").map(({ address, values }) => {
    const [target] = values.target as ReadonlyArray<{ arn: string; input: string }>;
    return {
      address,
      what: (JSON.parse(target?.input ?? "{}") as { DbInstanceIdentifier?: string }).DbInstanceIdentifier ?? "",
      timeZone: text(values.schedule_expression_timezone),
      on: target?.arn.endsWith(":startDBInstance") ?? false,
      at: parseRecurrence(text(values.schedule_expression), address),
    };
  });
}

function mixedZones(moves: readonly Move[]): ConfigurationError {
  return new ConfigurationError(`cost: the schedules of ${moves[0]?.what} name no single time zone`, {
    code: "cost.schedule",
    why: "their hours would drift apart when the clock changes:",
    fix: "set schedule.time_zone",
    problems: moves.map(({ address, timeZone }) => `${address}: "${timeZone}"`),
  });
}
