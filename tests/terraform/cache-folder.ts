import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One folder a run for plans that several suites read; nothing of it outlives the run. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-terraform-cache-"));
  process.env.GREENLEAF_TERRAFORM_CACHE = folder;
  return () => rm(folder, { recursive: true, force: true });
}
