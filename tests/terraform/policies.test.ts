import { expect, test } from "vitest";
import { plans } from "./fleet.ts";
import { EXCEPTIONS, findings, POLICIES } from "./policies/index.ts";

const fleets = await plans();

test("there are at least 60 policies under public ids, none twice", () => {
  const ids = POLICIES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => /^(CKV|AVD)/.test(id)).length).toBeGreaterThanOrEqual(60);
});

test.each(fleets)("$environment breaks no policy without an exception", (fleet) => {
  const open = findings(fleet).filter(({ exception }) => exception === undefined);
  expect(open.map(({ id, what, address }) => `${id} (${what}): ${address}`)).toEqual([]);
});

test("at most 12 exceptions, each dated for a year at most, owned, reasoned and still needed", () => {
  expect(EXCEPTIONS.length).toBeLessThanOrEqual(12);
  const used = new Set(fleets.flatMap((fleet) => findings(fleet).flatMap(({ exception }) => exception ?? [])));
  for (const exception of EXCEPTIONS) {
    expect(used, `${exception.id} on ${exception.address} excuses nothing any more`).toContain(exception);
    expect(exception.reason.length).toBeGreaterThan(30);
    expect(exception.owner).not.toBe("");
    expect(Date.parse(exception.until) - Date.parse(exception.granted)).toBeLessThanOrEqual(366 * 86_400_000);
  }
});

test("a fleet with nothing in it does not pass", () => {
  const broken = new Set(findings({ environment: "prod", resources: [] }).map(({ id }) => id));
  expect(broken.size).toBeGreaterThan(80);
});
