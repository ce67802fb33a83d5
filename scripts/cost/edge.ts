import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import type { Planned } from "../fleet/plans.ts";
import type { Resource } from "../fleet/resource.ts";
import { TERRAFORM_FOLDER } from "../fleet/terraform.ts";

/**
 * Resources of terraform/edge, read off its text: Cloudflare's provider is seldom where this runs, and nothing priced
 * there depends on a value. A form of for_each this does not know is an error.
 */
export async function edgeResources(environments: readonly string[]): Promise<Planned> {
  const folder = join(TERRAFORM_FOLDER, "edge");
  const files = await Array.fromAsync(glob("*.tf", { cwd: folder }));
  const texts = await Promise.all(files.toSorted().map((file) => readFile(join(folder, file), "utf8")));
  const resources = [...texts.join("\n").matchAll(/^resource "(\w+)" "(\w+)" \{\n([\s\S]*?)^\}/gm)].flatMap(
    ([, type = "", name = "", body = ""]) => instances({ type, name, body }, environments),
  );
  return { environment: "edge", resources, from: "the text of terraform/edge" };
}

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly body: string;
}

function instances({ type, name, body }: Declared, environments: readonly string[]): Resource[] {
  const each = /^ {2}for_each = (.*)$/m.exec(body)?.[1];
  const address = `${type}.${name}`;
  if (each === undefined) return [{ address, type, name, values: {} }];
  return keysOf(each, address, environments).map((index) => ({
    address: `${address}["${index}"]`,
    type,
    name,
    index,
    values: {},
  }));
}

function keysOf(each: string, address: string, environments: readonly string[]): readonly string[] {
  if (each === "local.settings") return ["settings"];
  if (each === "local.buckets") return environments.flatMap((name) => [`${name}-media`, `${name}-private`]);
  if (each === "var.environments" || each.startsWith("{ for name, origin in local.origins")) return environments;
  throw new ConfigurationError(`cost: ${address} cannot be counted`, {
    code: "cost.count",
    why: `its for_each is ${each}`,
    fix: "teach scripts/cost/edge.ts that form",
  });
}
