import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { goldenImage, instancesMissing } from "./machine-images.ts";
import { type FleetNode, type NodeOptions, newNode, reached } from "./node.ts";
import { bootWorld, ENVIRONMENT, expectDone, type World } from "./world.ts";

const missing = instancesMissing();
const because = missing === undefined ? "" : ` (skipped: ${missing})`;
const PARAMETER = `/greenleaf/${ENVIRONMENT}/release`;

describe.skipIf(missing !== undefined)(`what can go wrong while a node boots${because}`, () => {
  let world: World;
  let image: string;
  let document: string;
  let node: FleetNode;

  beforeAll(async () => {
    world = await bootWorld("faults");
    await expectDone(world.greenleaf("release", "--env", ENVIRONMENT));
    document = (await world.parameter(PARAMETER)) ?? "";
    image = await goldenImage();
  });
  afterAll(() => world?.close());
  beforeEach(() => {
    world.registry.faults.length = 0;
    world.standIn.fleet.completions.length = 0;
  });
  afterEach(async () => {
    node?.remove();
    await world.setParameter(PARAMETER, document);
  });

  async function boot(options: Partial<NodeOptions> = {}): Promise<void> {
    node = await newNode(world, { image, ...options });
    node.start();
  }

  /** The node says by every channel that it failed and why, its group gives it up, and nothing answers for it. */
  async function failed(what: RegExp, exitCode: number): Promise<void> {
    await reached(node, `failure ${what}`, 240_000, async () => (await node.status())?.verdict === "failed");
    expect((await node.status())?.reason).toMatchObject({ what: expect.stringMatching(what), exitCode });
    expect(node.console()).toMatch(what);
    await reached(node, "ABANDON", 30_000, () => world.standIn.fleet.completions.length > 0);
    expect(world.standIn.fleet.completions[0]).toMatchObject({ instanceId: node.id, result: "ABANDON" });
    expect(await node.healthz()).not.toBe(200);
  }

  const changed = (change: (release: Record<string, never>) => void): Promise<void> => {
    const release = JSON.parse(document) as Record<string, never>;
    change(release);
    return world.setParameter(PARAMETER, JSON.stringify(release));
  };

  test("a release that somebody else signed is refused, and nothing of it is used", async () => {
    await changed((release) => Object.assign(release, { migrations: "f".repeat(64) }));
    await boot();
    await failed(/release: .* is not signed by the key/, 78);
    expect((await node.run("ls /var/lib/greenleaf/releases")).stdout).toBe("");
  });

  test("an image that is not in the registry is named, and nobody asks for it again", async () => {
    const zeros = (image = "") => image.replace(/[0-9a-f]{64}$/, "0".repeat(64));
    const slip = await world.republish("slip", (images) => ({ ...images, caddy: zeros(images.caddy) }));
    await world.setParameter(PARAMETER, slip);
    await boot();
    await failed(/pull: there is no image .*\/greenleaf\/caddy@sha256:0{64}/, 78);
    expect((await node.run("systemctl show --property NRestarts --value greenleaf-boot")).stdout).toBe("0\n");
  });

  test("a busy, broken and forgetful registry costs time only, and no token is left on the disk", async () => {
    const on = /manifests/;
    const tokens = () => world.standIn.seen.filter(({ action }) => action === "GetAuthorizationToken").length;
    const before = tokens();
    world.registry.faults.push({ on, answer: "429", times: 2 }, { on, answer: "500", times: 2 });
    world.registry.faults.push({ on, answer: "expired", times: 1 }, { on, answer: "reset", times: 2 });
    await boot();
    const pulled = async () =>
      (await node.status())?.verdict !== "failed" &&
      (await node.run("docker images --digests --format '{{.Repository}}@{{.Digest}}'")).stdout.trim().split("\n")
        .length === 3;
    await reached(node, "images", 240_000, pulled);
    expect(world.registry.faults.map(({ times }) => times)).toEqual([0, 0, 0, 0]);
    expect(tokens() - before).toBeGreaterThanOrEqual(2);
    const passwords = [...world.standIn.fleet.tokens].join("|");
    const found = await node.run(`grep -rlE '${passwords}' /root /etc /var/lib/greenleaf /var/log /run 2>/dev/null`);
    expect(found.stdout).toBe("");
  });

  test("metadata that come 90 seconds late are waited for", async () => {
    node = await newNode(world, { image });
    node.imds.sleep();
    setTimeout(() => node.imds.wake(), 90_000);
    node.start();
    await reached(node, "identity", 240_000, async () =>
      (await node.run("journalctl -u greenleaf-boot")).stdout.includes("identify  done"),
    );
  });

  test("a full disk is named on the console, where the status file cannot be written", async () => {
    await boot({ create: ["--tmpfs", "/var/lib/greenleaf:size=4k"] });
    await reached(node, "named failure", 240_000, () => /could not be written|no space left/i.test(node.console()));
    expect(await node.healthz()).not.toBe(200);
  });
});
