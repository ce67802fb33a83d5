import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../../../scripts/docs/pages.ts";

const text = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted();
const all = (from: string, pattern: RegExp) => [...from.matchAll(pattern)].map(([, name = ""]) => name);

/** What the adapters of a router call: the only places that name an action of EC2 or of the lease's table. */
const calls = sorted([
  ...all(text("node-agent/src/adapters/aws/ec2.ts"), /(?:act|query)\("(\w+)"/g).map((name) => `ec2:${name}`),
  ...all(text("node-agent/src/adapters/aws/lease.ts"), /send\("(\w+)"/g).map((name) => `dynamodb:${name}`),
]);

test("a router may do what its agent does and nothing else: Terraform's policy has the same eight calls", () => {
  expect(calls).toHaveLength(8);
  const source = text("terraform/modules/access/main.tf");
  const router = source.slice(source.indexOf("  router = ["), source.indexOf("  statements = {"));
  expect(sorted(all(router, /"((?:ec2|dynamodb):\w+)"/g))).toEqual(calls);
});

test("docs/router.md names the same calls", () => {
  const page = text("docs/router.md");
  const [, section = ""] = /## Calls to AWS\n([\s\S]*?)\. A reboot/.exec(page) ?? [];
  const named = section.split(";").flatMap((part) => {
    const [, service = "", names = ""] = /(\w+): ([\w,\s]+)/.exec(part) ?? [];
    return names
      .split(",")
      .flatMap((name) => /^\s*(?:and )?(\w+)/.exec(name)?.[1] ?? [])
      .map((name) => `${service}:${name}`);
  });
  expect(sorted(named)).toEqual(calls);
});
