import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipReason } from "../nat/lab.ts";
import { docker, goldenRouterImage, instancesMissing, SURROUNDING, stockImage } from "./machine-images.ts";
import { booted, type FleetNode, newNode, reached } from "./node.ts";
import { openRouterLab, type RouterLab } from "./router-lab.ts";
import { bootWorld, type World } from "./world.ts";

const missing = instancesMissing(SURROUNDING) ?? skipReason();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const AGENT = "/opt/greenleaf/current/node /opt/greenleaf/current/main.js";
const READY_MS = 240_000;

describe.skipIf(missing !== undefined)(`routers${why}`, () => {
  let world: World;
  let lab: RouterLab;
  let image: string;
  let router: FleetNode;

  beforeAll(async () => {
    world = await bootWorld("router");
    lab = await openRouterLab(world);
    image = await goldenRouterImage();
  });
  afterAll(async () => {
    router?.remove();
    await lab?.close();
    await world?.close();
  });

  const inside = (line: string): string => docker("run", "--rm", image, "sh", "-c", line);
  const verdict = async () => (await router.status())?.verdict;
  const ready = () => booted(router, READY_MS);
  const translated = () =>
    reached(router, "translated packet", 60_000, async () => (await lab.seenFromOutside()) === lab.publicAddress);
  const marks = () => router.run("stat -c %Y /var/lib/cloud/instances/*/sem/config_scripts_user");
  const downloads = () =>
    world.standIn.seen.filter(({ service, action }) => service === "s3" && action === "GET").length;
  const packages = async () => (await router.run("ls /var/lib/apt/lists; dpkg-query -W | sha256sum")).stdout;

  async function start(): Promise<void> {
    router.start();
    await lab.plug(router);
  }

  test("the golden image has all that a router installs, and no engine", () => {
    expect(inside(`${AGENT} install --role router --plan`)).toBe("");
    expect(
      inside("for name in iptables-restore conntrack ip tc nft dockerd; do command -v $name; done; :").split("\n"),
    ).toEqual(["iptables-restore", "conntrack", "ip", "tc", "nft"].map((name) => `/usr/sbin/${name}`));
  });

  test("a golden one goes from user_data to translated packets without a download, and tells its group", async () => {
    router = await newNode(world, { image, role: "router", document: lab.document, create: lab.create });
    const before = downloads();
    await start();
    const packagesBefore = await packages();
    const ms = await ready();
    expect(await lab.seenFromOutside()).toBe(lab.publicAddress);
    expect(await lab.leaked()).toBe(0);
    expect(lab.calls).toEqual(["ModifyNetworkInterfaceAttribute", "AttachNetworkInterface"]);
    expect(downloads()).toBe(before);
    expect(await packages()).toBe(packagesBefore);
    expect(world.standIn.fleet.completions).toEqual([
      { instanceId: router.id, hook: "greenleaf-launch", result: "CONTINUE" },
    ]);
    const journal = (await router.run("journalctl -u greenleaf-boot -o cat")).stdout;
    expect(journal).toMatch(/probe +done .*3 of 3 targets answered[^]*verdict ready/);
    console.log(`golden router: from power on to ready in ${(ms / 1000).toFixed(1)} s`);
  });

  test("a second boot plans nothing", async () => {
    expect((await router.run(`${AGENT} plan`)).stdout).toBe("nothing to do\n");
  });

  test("after a reboot it forwards with metadata and AWS away, and rules stood before there was a network", async () => {
    const marked = await marks();
    const asked = lab.calls.length;
    router.stop();
    await lab.unplug(true);
    router.imds.sleep();
    world.standIn.fault = () => ({ status: 503, xml: "" });
    await start();
    await translated();
    expect(await lab.leaked()).toBe(0);
    const moments = await router.run(
      "systemctl show --property ActiveEnterTimestampMonotonic --value greenleaf-nat.service network-pre.target network-online.target",
    );
    const [rules = 0, ...network] = moments.stdout.trim().split(/\s+/).map(Number);
    expect(rules).toBeGreaterThan(0);
    for (const moment of network) expect(rules).toBeLessThan(moment === 0 ? Number.POSITIVE_INFINITY : moment);
    world.standIn.fault = () => undefined;
    router.imds.wake();
    await ready();
    expect(lab.calls).toHaveLength(asked);
    expect(await marks()).toEqual(marked);
  });

  test("a stock one fetches the signed agent, installs what it lacks, says `booting` meanwhile, and is ready", async () => {
    router?.remove();
    await lab.unplug(false);
    router = await newNode(world, { image: stockImage(), role: "router", document: lab.document, create: lab.create });
    const before = downloads();
    await start();
    await reached(router, "verdict booting", READY_MS, async () => (await verdict()) === "booting");
    expect((await router.run("command -v conntrack")).code).not.toBe(0);
    const ms = await ready();
    expect(await lab.seenFromOutside()).toBe(lab.publicAddress);
    expect(downloads()).toBeGreaterThan(before);
    expect((await router.run("command -v dockerd")).code).not.toBe(0);
    console.log(`stock router: from power on to ready in ${(ms / 1000).toFixed(1)} s`);
  });

  test("from then on a stock one is as golden: after a reboot it downloads nothing", async () => {
    const [before, packagesBefore] = [downloads(), await packages()];
    router.stop();
    await lab.unplug(true);
    await start();
    await ready();
    expect(await lab.seenFromOutside()).toBe(lab.publicAddress);
    expect([downloads(), await packages()]).toEqual([before, packagesBefore]);
  });
});
