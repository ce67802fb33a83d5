import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { goldenDisk } from "./golden-disk.ts";
import { goldenImage, instancesMissing } from "./machine-images.ts";
import { type FleetNode, type NodeOptions, newNode, reached } from "./node.ts";
import { bootWorld, ENVIRONMENT, type World } from "./world.ts";

const missing = instancesMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const PARAMETER = `/greenleaf/${ENVIRONMENT}/release`;
/** Every packet that comes to or leaves an instance goes by this interface. */
const DROP = ["OUTPUT -o eth0 -j DROP", "PREROUTING -i eth0 -j DROP"];
const BROKEN_MS = 60_000;
const LATE_MS = 90_000;

describe.skipIf(missing !== undefined)(`what can go wrong while a node boots${why}`, () => {
  let world: World;
  let image: string;
  let disk: string;
  let document: string;

  beforeAll(async () => {
    world = await bootWorld("faults");
    document = (await world.parameter(PARAMETER)) ?? "";
    image = await goldenImage();
    disk = await goldenDisk(world, image, await world.release());
  });
  afterAll(() => world?.close());

  /** Powers a node on that goes with its test. */
  async function boot({ onTestFinished }: TestContext, options: Partial<NodeOptions> = {}): Promise<FleetNode> {
    const node = await newNode(world, { image, ...options });
    onTestFinished(() => node.remove());
    node.start();
    return node;
  }

  const told = ({ id }: FleetNode) =>
    world.standIn.fleet.completions.filter(({ instanceId }) => instanceId === id).map(({ result }) => result);

  /** The node says by every channel that it failed and why, its group gives it up, and nothing answers for it. */
  async function failed(node: FleetNode, what: RegExp, exitCode: number): Promise<void> {
    await reached(node, `failure ${what}`, 240_000, async () => (await node.status())?.verdict === "failed");
    expect((await node.status())?.reason).toMatchObject({ what: expect.stringMatching(what), exitCode });
    expect(node.console()).toMatch(what);
    await reached(node, "ABANDON", 30_000, () => told(node).length > 0);
    expect(told(node)[0]).toBe("ABANDON");
    expect(await node.healthz()).not.toBe(200);
  }

  // They wait most of their time: beside each other. One at a time asks the registry.
  describe("and passes", { concurrent: true }, () => {
    test("a network that drops every packet of the first minute ends no boot: it says what it waits for, and gets well", async (context) => {
      const node = await boot(context, { disk });
      const rules = (verb: string) => node.run(DROP.map((rule) => `iptables -w -t raw ${verb} ${rule}`).join(" && "));
      expect(await rules("-I")).toMatchObject({ code: 0 });
      await sleep(BROKEN_MS);
      expect(await node.healthz()).toBe(0);
      // On a busy machine it begins to ask later; the network stays broken until it has said so.
      const complaint = /Calling 'http:\/\/169\.254\.169\.254\/.*' failed \[\d+\/\d+s\]/;
      await reached(node, "complaint of metadata", 120_000, () => complaint.test(node.console()));
      expect(told(node)).toEqual([]);
      expect(await rules("-D")).toMatchObject({ code: 0 });
      await reached(node, "healthy answer", 240_000, async () => (await node.healthz()) === 200);
      await reached(node, "CONTINUE", 30_000, () => told(node).length > 0);
      expect(told(node)).toEqual(["CONTINUE"]);
    });

    test("metadata that come 90 seconds late are waited for", async (context) => {
      const { onTestFinished } = context;
      const node = await newNode(world, { image });
      onTestFinished(() => node.remove());
      node.imds.sleep();
      setTimeout(() => node.imds.wake(), LATE_MS);
      node.start();
      await reached(node, "identity", 240_000, async () =>
        (await node.run("journalctl -u greenleaf-boot")).stdout.includes("identify  done"),
      );
    });

    test("a full disk is named on the console, where the status file cannot be written", async (context) => {
      const node = await boot(context, { create: ["--tmpfs", "/var/lib/greenleaf:size=4k"] });
      await reached(node, "named failure", 240_000, () => /could not be written|no space left/i.test(node.console()));
      expect(await node.healthz()).not.toBe(200);
    });

    test("a busy, broken and forgetful registry costs time only, and no token is left on the disk", async (context) => {
      const on = /manifests/;
      const tokens = () => world.standIn.seen.filter(({ action }) => action === "GetAuthorizationToken").length;
      const before = tokens();
      world.registry.faults.push({ on, answer: "429", times: 2 }, { on, answer: "500", times: 2 });
      world.registry.faults.push({ on, answer: "expired", times: 1 }, { on, answer: "reset", times: 2 });
      const node = await boot(context);
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
  });

  describe("and is the release's own", () => {
    afterEach(() => world.setParameter(PARAMETER, document));

    test("a release that somebody else signed is refused, and nothing of it is used", async (context) => {
      const release = { ...(JSON.parse(document) as object), migrations: "f".repeat(64) };
      await world.setParameter(PARAMETER, JSON.stringify(release));
      const node = await boot(context);
      await failed(node, /release: .* is not signed by the key/, 78);
      expect((await node.run("ls /var/lib/greenleaf/releases")).stdout).toBe("");
    });

    test("an image that is not in the registry is named, and nobody asks for it again", async (context) => {
      const zeros = (name = "") => name.replace(/[0-9a-f]{64}$/, "0".repeat(64));
      const slip = await world.republish("slip", (images) => ({ ...images, caddy: zeros(images.caddy) }));
      await world.setParameter(PARAMETER, slip);
      const node = await boot(context);
      await failed(node, /pull: there is no image .*\/greenleaf\/caddy@sha256:0{64}/, 78);
      expect((await node.run("systemctl show --property NRestarts --value greenleaf-boot")).stdout).toBe("0\n");
    });
  });
});
