import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** What axe tells of a page; its script makes `axe` in there. */
declare const axe: {
  run(within?: string): Promise<{
    passes: { id: string }[];
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>;
};

const PROGRAM = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds against the rules of WCAG 2.2 AA and its own best practices, with the place it stands in; of a part of the page, where one is named. */
export async function violationsOf(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(PROGRAM);
  const { violations, passes } = await page.evaluate(
    (part) => (part === undefined ? axe.run() : axe.run(part)),
    within,
  );
  // A page it could not look at has no faults either.
  expect(passes.length).toBeGreaterThan(within === undefined ? 15 : 10);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`),
  );
}
