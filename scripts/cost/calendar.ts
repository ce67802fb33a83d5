import { ConfigurationError } from "../../node-agent/src/base/errors.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

// Minute, hour and days of the week; any day of any month.
const AUTO_SCALING = /^(\d+) (\d+) \* \* (\S+)$/;
const SCHEDULER = /^cron\((\d+) (\d+) [*?] \* (\S+) \*\)$/;

/** A moment that comes back: local time of day on some days of the week. */
export interface Recurrence {
  readonly minute: number;
  readonly hour: number;
  /** Numbers of the days, Sunday is 0. */
  readonly days: ReadonlySet<number>;
}

/** Reads a cron of Auto Scaling (`0 9 * * MON-FRI`) or of the scheduler (`cron(0 9 ? * MON-FRI *)`). */
export function parseRecurrence(expression: string, address: string): Recurrence {
  const [, minute, hour, weekday] = expression.match(AUTO_SCALING) ?? expression.match(SCHEDULER) ?? [];
  if (minute === undefined || hour === undefined || weekday === undefined) throw unreadable(expression, address);
  return { minute: Number(minute), hour: Number(hour), days: daysOf(weekday, expression, address) };
}

function daysOf(field: string, expression: string, address: string): ReadonlySet<number> {
  if (field === "*" || field === "?") return new Set([0, 1, 2, 3, 4, 5, 6]);
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [from, to = from] = part.split("-").map((name) => DAYS.indexOf(name));
    if (from === undefined || to === undefined || from < 0 || to < 0) throw unreadable(expression, address);
    for (let day = from; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === to) break;
    }
  }
  return found;
}

function unreadable(expression: string, address: string): ConfigurationError {
  return new ConfigurationError(`cost: the schedule "${expression}" cannot be priced`, {
    code: "cost.schedule",
    why: `${address} uses a form other than a time of day on days of the week`,
    fix: "use minute, hour and days of the week",
  });
}

export interface Week {
  readonly starts: readonly Recurrence[];
  readonly stops: readonly Recurrence[];
  readonly timeZone: string;
}

/** Hours of a year that something runs which these starts and stops move; exact to the minute, daylight saving included. */
export function awakeHours(week: Week, year: number): number {
  const midnight = (month: number) => instant(week.timeZone, { year, month, day: 1, hour: 0, minute: 0 });
  return Array.from({ length: 12 }, (_, month) => awakeBetween(week, midnight(month), midnight(month + 1))).reduce(
    (sum, hours) => sum + hours,
    0,
  );
}

/** The same between two instants of one year. */
export function awakeBetween({ starts, stops, timeZone }: Week, from: number, to: number): number {
  const year = new Date(from + DAY_MS).getUTCFullYear();
  const events = [
    ...starts.flatMap((at) => occurrences(at, timeZone, year).map((time) => ({ time, on: true }))),
    ...stops.flatMap((at) => occurrences(at, timeZone, year).map((time) => ({ time, on: false }))),
  ].sort((a, b) => a.time - b.time);
  let on = stops.length === 0;
  let since = from;
  let awake = 0;
  for (const event of events) {
    const time = Math.min(Math.max(event.time, from), to);
    if (on) awake += time - since;
    since = time;
    on = event.on;
  }
  return (awake + (on ? to - since : 0)) / HOUR_MS;
}

/** All hours of a year in a zone; 8,760 or 8,784 unless its rules changed. */
export function yearHours(year: number): number {
  return (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / HOUR_MS;
}

// Two weeks before the year begins, so that its first hour knows its state.
function occurrences({ minute, hour, days }: Recurrence, timeZone: string, year: number): number[] {
  const found: number[] = [];
  for (let day = Date.UTC(year - 1, 11, 18); day < Date.UTC(year + 1, 0, 1); day += DAY_MS) {
    const date = new Date(day);
    if (!days.has(date.getUTCDay())) continue;
    const local = { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), hour, minute };
    found.push(instant(timeZone, local));
  }
  return found;
}

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

// The offset at the guess is right but for guesses around a switch; the second look corrects those.
function instant(timeZone: string, { year, month, day, hour, minute }: LocalTime): number {
  const wall = Date.UTC(year, month, day, hour, minute);
  const first = wall - offsetMs(timeZone, wall);
  return wall - offsetMs(timeZone, first);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMs(timeZone: string, time: number): number {
  let format = formats.get(timeZone);
  if (!format)
    formats.set(timeZone, (format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" })));
  const name = format.formatToParts(time).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours = "0", minutes = "0"] = name.match(/^GMT(?:([+-])(\d+):(\d+))?/) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000);
}
