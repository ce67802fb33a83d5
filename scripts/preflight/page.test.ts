import { expect, test } from "vitest";
import { type Finding, fails, ok, warns } from "./finding.ts";
import { answerOf } from "./page.ts";

const WELL = ok("region", "eu-west-3");
const UNSEEN: Finding = { subject: "quota", verdict: "unseen", why: "may not be asked" };
const looked = (...findings: Finding[]) => ({ environment: "prod", region: "eu-west-3", findings });

test.each<[string, number, Finding]>([
  ["would be refused", 69, fails("zone", "there is none", "make one")],
  ["is only to know of", 0, warns("budget", "there is none", "make one")],
  ["could not be seen", 0, UNSEEN],
  ["is well", 0, ok("zone", "is there")],
])("what %s ends preflight with %i, in words and as JSON", (_, wanted, finding) => {
  for (const isJson of [false, true]) {
    const { text, exitCode } = answerOf(looked(WELL, finding), { isJson, isColored: false });
    expect(exitCode).toBe(wanted);
    expect(text).toContain(finding.why);
  }
});

test("as JSON it is one document, with nothing beside it", () => {
  const one = looked(WELL, UNSEEN);
  expect(JSON.parse(answerOf(one, { isJson: true, isColored: true }).text)).toEqual(one);
});
