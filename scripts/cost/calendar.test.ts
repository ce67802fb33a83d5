import { expect, test } from "vitest";
import { awakeBetween, awakeHours, parseRecurrence, yearHours } from "./calendar.ts";

const at = (cron: string) => parseRecurrence(cron, "here");
const week = (start: string, stop: string, timeZone = "Europe/Paris") => ({
  starts: [at(start)],
  stops: [at(stop)],
  timeZone,
});

test("what never stops runs every hour of the year, leap years too", () => {
  expect(awakeHours({ starts: [], stops: [], timeZone: "Europe/Paris" }, 2026)).toBe(8760);
  expect(awakeHours({ starts: [], stops: [], timeZone: "Europe/Paris" }, 2028)).toBe(yearHours(2028));
});

test("what only stops is off for good", () => {
  expect(awakeHours({ starts: [], stops: [at("0 19 * * *")], timeZone: "Europe/Paris" }, 2026)).toBe(0);
});

test("ten hours on each of the 261 weekdays of 2026", () => {
  expect(awakeHours(week("0 9 * * MON-FRI", "0 19 * * *"), 2026)).toBe(2610);
  expect(awakeHours(week("0 9 * * *", "0 19 * * *"), 2026)).toBe(3650);
});

test("a month in which the clock moves is an hour shorter or longer", () => {
  const night = week("0 1 * * *", "0 4 * * *");
  expect(awakeBetween(night, Date.parse("2026-03-01T00:00+01:00"), Date.parse("2026-04-01T00:00+02:00"))).toBe(
    31 * 3 - 1,
  );
  expect(awakeBetween(night, Date.parse("2026-10-01T00:00+02:00"), Date.parse("2026-11-01T00:00+01:00"))).toBe(
    31 * 3 + 1,
  );
  const utc = week("0 1 * * *", "0 4 * * *", "Etc/UTC");
  expect(awakeBetween(utc, Date.parse("2026-03-01T00:00Z"), Date.parse("2026-04-01T00:00Z"))).toBe(31 * 3);
});

test("the scheduler's form and day ranges over the weekend are read", () => {
  expect([...at("cron(30 8 ? * MON-FRI *)").days]).toEqual([1, 2, 3, 4, 5]);
  expect([...at("cron(15 19 * * ? *)").days]).toHaveLength(7);
  expect([...at("0 9 * * SAT-MON").days]).toEqual([6, 0, 1]);
});

test.each(["0 9 1 * *", "rate(1 day)", "*/5 * * * *", "0 9 * * MONDAY", "0 9 * *"])("%s is refused", (cron) => {
  expect(() => at(cron)).toThrow(/cannot be priced/);
});
