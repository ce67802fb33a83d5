import { ensureCredentials } from "../local/aws/credentials.ts";
import { localWorld, mailboxUrl } from "../local/world.ts";
import { installPrograms } from "../programs.ts";
import type { Counts } from "./counts.ts";
import { inOwnWorld, launch } from "./own-world.ts";
import { prepareEngine } from "./prepare.ts";
import type { TestRun } from "./run.ts";
import { runVitest } from "./vitest.ts";

/** `up` from its own command line, a customer in a real browser, and `down --purge`. */
export async function runShop(run: TestRun): Promise<Counts> {
  await installPrograms({ chromium: "chromium" });
  // Not by `up`: an engine that it installed, its purge would take away.
  await prepareEngine();
  return inOwnWorld(run, "shop", async ({ project, port, options }) => {
    await launch(run, ["up", ...options]);
    const world = localWorld({ project, port });
    const { admin } = await ensureCredentials(world.root);
    return runVitest("shop", run, {
      GREENLEAF_SHOP_URL: `http://localhost:${port}`,
      GREENLEAF_SHOP_PROJECT: project,
      GREENLEAF_SHOP_PORT: port,
      GREENLEAF_SHOP_MAILBOX_URL: mailboxUrl(world),
      GREENLEAF_SHOP_NODE_URL: `http://127.0.0.1:${world.ports.agent}/`,
      GREENLEAF_ADMIN_EMAIL: admin.email ?? "",
      GREENLEAF_ADMIN_PASSWORD: admin.password ?? "",
    });
  });
}
