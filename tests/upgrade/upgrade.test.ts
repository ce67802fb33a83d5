import { execFileSync, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureCredentials } from "../../scripts/local/aws/credentials.ts";
import { ordersOf, placeOrder, type ShopAccess } from "../shop/store-order.ts";
import { hasOlder, olderCheckout } from "./older-checkout.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const PROJECT = process.env.GREENLEAF_UPGRADE_PROJECT ?? "greenleaf-upgrade";
const PORT = process.env.GREENLEAF_UPGRADE_PORT ?? "19080";
const ROOT = `/var/lib/${PROJECT}-local`;
const WORLD = ["--project", PROJECT, "--port", PORT];

const why = hasOlder ? "" : " (skipped: an upgrade needs the history of this checkout: git fetch --unshallow)";

describe.skipIf(!hasOlder)(`a world of an older checkout${why}`, () => {
  let older: string;
  let shop: ShopAccess;
  const orders: number[] = [];

  const run = (checkout: string, args: readonly string[]) => {
    const { status, stderr } = spawnSync(join(checkout, "greenleaf"), args, { encoding: "utf8" });
    expect({ args, status, tail: status === 0 ? "" : stderr.slice(-1500) }).toEqual({ args, status: 0, tail: "" });
  };
  const docker = (...args: readonly string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
  const services = () => {
    const label = "com.docker.compose";
    const names = docker(
      "ps",
      "--filter",
      `label=${label}.project=${PROJECT}`,
      "--format",
      `{{.Label "${label}.service"}}`,
    );
    return names.split("\n").sort();
  };
  const volumes = () => docker("volume", "ls", "--quiet", "--filter", `name=${PROJECT}-local_`).split("\n").sort();
  const buys = async () => {
    orders.push(await placeOrder(shop));
    const found = await ordersOf(shop);
    expect(orders.map((number) => found.get(number))).toEqual(orders.map(() => "1 rue des Plantes"));
  };
  const picture = async () => {
    const page = await (await fetch(shop.url)).text();
    const path = /\/media\/[^"'\s)\\&?]+/.exec(page)?.[0] ?? "/media/none";
    return (await fetch(`${shop.url}${path}`)).status;
  };

  beforeAll(() => {
    older = olderCheckout();
    // Minutes the first time; the engine keeps them.
    run(older, ["images"]);
  });
  afterAll(() => {
    spawnSync(join(REPOSITORY, "greenleaf"), ["down", "--purge", "--keep-images", "--yes", ...WORLD]);
    rmSync(older, { recursive: true, force: true });
  });

  test("is brought up by it, and sells", async () => {
    run(older, ["up", ...WORLD]);
    const { admin } = await ensureCredentials(ROOT);
    shop = { url: `http://localhost:${PORT}`, email: admin.email ?? "", password: admin.password ?? "" };
    await buys();
  });

  test.each(["up", "deploy"])(
    "goes on after %s by this checkout with every order, volume and picture",
    async (command) => {
      const before = volumes();
      run(REPOSITORY, [command, ...WORLD]);
      expect(volumes()).toEqual(before);
      expect(services()).toContain("worker");
      await buys();
      expect(await picture()).toBe(200);
    },
  );

  test.each(["deploy", "up"])("goes on after %s by the older one again", async (command) => {
    const before = volumes();
    run(older, [command, ...WORLD]);
    expect(volumes()).toEqual(before);
    expect(services()).not.toContain("worker");
    await buys();
    expect(await picture()).toBe(200);
  });

  test("is stopped and purged by this checkout to the last container, volume, network and file, and the images stay", () => {
    run(REPOSITORY, ["down", ...WORLD]);
    expect(volumes()).toHaveLength(2);
    run(REPOSITORY, ["down", "--purge", "--keep-images", "--yes", ...WORLD]);
    const left = ["ps --all", "volume ls", "network ls"].map((list) =>
      docker(...list.split(" "), "--quiet", "--filter", `name=${PROJECT}`),
    );
    expect(left).toEqual(["", "", ""]);
    expect(spawnSync("ls", [ROOT]).status).not.toBe(0);
    expect(docker("images", "--quiet", "greenleaf/base:local")).not.toBe("");
  });
});
