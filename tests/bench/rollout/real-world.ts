import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { parseRelease } from "../../../node-agent/src/core/stack/release.ts";
import { followAgent } from "../../../scripts/local/agent/agent.ts";
import { ensureCredentials } from "../../../scripts/local/aws/credentials.ts";
import { seedAws } from "../../../scripts/local/aws/parameters.ts";
import { publishLocalRelease, type ReleaseImages } from "../../../scripts/local/release.ts";
import { type LocalWorld, localWorld, shopUrl } from "../../../scripts/local/world.ts";
import { claimPorts } from "../../../scripts/test/shop-ports.ts";
import { openStore, type Store } from "../../shop/store-order.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "..", "greenleaf");

/** The shop of `up`, in a world of its own. */
export interface RealShop {
  readonly store: Store;
  /** What a rollout can be of, each done once more whenever it is called. */
  readonly changes: Readonly<Record<"storefront" | "secret" | "caddy" | "backend", () => Promise<void>>>;
}

/**
 * For as long as a part needs it: a world is there within minutes, and goes to its last file. With BENCH_WORLD=PROJECT:PORT one
 * that runs is used, and stays.
 */
export async function withRealShop<Value>(project: string, use: (shop: RealShop) => Promise<Value>): Promise<Value> {
  const [running, port = ""] = process.env.BENCH_WORLD?.split(":") ?? [];
  if (running !== undefined) return use(await realShop(localWorld({ project: running, port })));
  const ports = await claimPorts();
  const options = ["--project", project, "--port", ports.http];
  try {
    await greenleaf(["up", ...options]);
    return await use(await realShop(localWorld({ project, port: ports.http })));
  } finally {
    await greenleaf(["down", "--purge", "--keep-images", "--yes", ...options]);
    ports.release();
  }
}

async function realShop(world: LocalWorld): Promise<RealShop> {
  const { admin } = await ensureCredentials(world.root);
  const store = await openStore({ url: shopUrl(world), email: admin.email ?? "", password: admin.password ?? "" });
  const newImage = (name: keyof ReleaseImages) => async () => {
    const { images, migrations } = await current(world);
    await publishLocalRelease(world, { ...images, [name]: relabelled(images[name]) }, migrations);
    await boot(world, []);
  };
  const secret = async () => {
    const credentials = await ensureCredentials(world.root);
    const backend = { ...credentials.backend, cookie_secret: randomBytes(32).toString("hex") };
    await seedAws(world, { parameters: {}, credentials: { ...credentials, backend } });
    await boot(world, ["--values"]);
  };
  return {
    store,
    changes: { storefront: newImage("storefront"), secret, caddy: newImage("caddy"), backend: newImage("backend") },
  };
}

async function current(world: LocalWorld): Promise<{ images: ReleaseImages; migrations: string }> {
  const text = (await filesBelow(world.root).read("/local/release.json")) ?? "";
  const { images, migrations } = parseRelease(text, "the local release");
  return { images: images as ReleaseImages, migrations };
}

/** The same files under another id. Not by a build: builders take an id for a name of some registry's. */
function relabelled(id: string): string {
  const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
  const container = docker("create", id);
  try {
    return docker("commit", "--change", `LABEL io.greenleaf.bench=${randomBytes(6).toString("hex")}`, container);
  } finally {
    docker("rm", container);
  }
}

async function boot(world: LocalWorld, options: readonly string[]): Promise<void> {
  const { code, failure } = await followAgent(world, ["boot", ...options], () => undefined);
  if (code !== 0) throw new Error(`boot ended with ${code}: ${failure}`);
}

function greenleaf(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(LAUNCHER, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`./greenleaf ${args[0]} ended with ${code}`));
    });
  });
}
