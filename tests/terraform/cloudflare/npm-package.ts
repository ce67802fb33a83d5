import { execFile } from "node:child_process";
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { TERRAFORM_FOLDER } from "../../../scripts/fleet/terraform.ts";
import { type Attributes, attributesOf, sourceOf } from "./schema.ts";

const run = promisify(execFile);
/** Cloudflare's provider 5.14.0, its schema turned into TypeScript. */
export const PACKAGE = "@cdktf/provider-cloudflare@13.9.1";
export const PROVIDER_VERSION = "5.14.0";
const NPM = join(import.meta.dirname, "../../../node_modules/npm/bin/npm-cli.js");

export interface Recorded {
  readonly package: string;
  readonly provider: string;
  readonly resources: Readonly<Record<string, Attributes>>;
}

/** Types of Cloudflare resources that terraform/edge names. */
export async function usedTypes(): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob("edge/*.tf", { cwd: TERRAFORM_FOLDER }));
  const texts = await Promise.all(files.map((file) => readFile(join(TERRAFORM_FOLDER, file), "utf8")));
  const found = texts.join("\n").matchAll(/^resource "cloudflare_(\w+)"/gm);
  return [...new Set([...found].map(([, type = ""]) => type))].toSorted();
}

/** The schema of those types, out of the package from npm's registry; undefined where that cannot be reached. */
export async function schemaFromNpm(): Promise<Recorded | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-cloudflare-"));
  try {
    const packed = await run(process.execPath, [NPM, "pack", PACKAGE, "--silent"], { cwd: folder }).catch(unreachable);
    if (packed === undefined) return undefined;
    await run("tar", ["-xzf", packed.stdout.trim()], { cwd: folder });
    const resources: Record<string, Attributes> = {};
    for (const type of await usedTypes()) resources[`cloudflare_${type}`] = await attributes(folder, type);
    return { package: PACKAGE, provider: PROVIDER_VERSION, resources };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function attributes(folder: string, type: string): Promise<Attributes> {
  const path = join(folder, "package/lib", type.replaceAll("_", "-"), "index.js");
  const className = type.replaceAll(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  return attributesOf(sourceOf(await readFile(path, "utf8")), className);
}

function unreachable(error: Error & { stderr?: string }): undefined {
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|E404|E403/.test(error.stderr ?? "")) return undefined;
  throw error;
}
