import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureCredentials } from "../local/credentials.ts";
import { localWorld } from "../local/world.ts";
import { installPrograms } from "../programs.ts";
import type { Counts } from "./counts.ts";
import { runVitest } from "./vitest.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "greenleaf");
// A world of its own, so that a developer's running shop is not touched.
const PROJECT = "greenleaf-test";
const PORT = "18080";

/** `up` from its own command line, a customer in a real browser, and `down --purge`. */
export async function runShop(): Promise<Counts> {
  // Where it cannot be had the suite says so, and is counted as skipped by name.
  await installPrograms({ chromium: "chromium" });
  const options = ["--project", PROJECT, "--port", PORT];
  try {
    launch(["up", ...options]);
    const { admin } = await ensureCredentials(localWorld({ project: PROJECT, port: PORT }).root);
    return await runVitest("shop", {
      GREENLEAF_SHOP_URL: `http://localhost:${PORT}`,
      GREENLEAF_SHOP_PROJECT: PROJECT,
      GREENLEAF_SHOP_PORT: PORT,
      GREENLEAF_ADMIN_EMAIL: admin.email ?? "",
      GREENLEAF_ADMIN_PASSWORD: admin.password ?? "",
    });
  } finally {
    launch(["down", "--purge", "--yes", ...options]);
  }
}

function launch(args: readonly string[]): void {
  const { status } = spawnSync(LAUNCHER, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`./greenleaf ${args.join(" ")} ended with code ${status}`);
}
