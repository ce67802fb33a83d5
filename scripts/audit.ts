import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { debianParts } from "./audit/debian-packages.ts";
import { advisories, deprecations, type KeptDeprecated } from "./audit/npm.ts";
import { reportText, verdictOf } from "./audit/report.ts";
import { isSet } from "./cli/command.ts";

const KEPT = join(import.meta.dirname, "audit/kept-deprecated.json");
/** Every image of ours; what `./greenleaf images` builds. */
export const IMAGES = ["base", "node", "caddy", "backend", "storefront", "postgres", "valkey", "aws"];

/** `./greenleaf audit`: what is known to be wrong with what we ship; says what could not be asked. */
export async function audit(line: ParsedCommandLine): Promise<number> {
  const registry = await npmRegistry();
  const kept = JSON.parse(await readFile(KEPT, "utf8")) as KeptDeprecated;
  const parts = [
    await advisories(registry),
    await deprecations(registry, kept, isSet(line, "ask")),
    ...(await debianParts(IMAGES)),
  ];
  const exitCode = verdictOf(parts);
  const text = isSet(line, "json")
    ? `${JSON.stringify({ version: 1, exitCode, parts }, undefined, 2)}\n`
    : reportText(parts);
  process.stdout.write(text);
  return exitCode;
}

/** As npm itself would use it here. */
async function npmRegistry(): Promise<string> {
  const asked = await $({ quiet: true, nothrow: true })`npm config get registry`;
  const found = asked.stdout.trim();
  return URL.canParse(found) ? found : "https://registry.npmjs.org/";
}
