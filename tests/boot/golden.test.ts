import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leaksIn } from "../support/canaries.ts";
import { goldenDisk } from "./golden-disk.ts";
import { goldenImage, instancesMissing } from "./machine-images.ts";
import { appStart, unitStart } from "./measure.ts";
import { booted, type FleetNode, newNode, reached } from "./node.ts";
import { coreLimits, inspectedByNobody, readableBy, secretsOf, toldBy } from "./secrets.ts";
import { bootWorld, ENVIRONMENT, expectDone, type World } from "./world.ts";

const missing = instancesMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const HEALTHY_MS = 240_000;
/** Seconds of a boot beyond what the application itself takes to start. */
const OVERHEAD_S = 3;
/** Instead of the unit's own minute; more than the 15 s between two feedings. */
const WATCHDOG_S = 20;

describe.skipIf(missing !== undefined)(`golden app nodes${why}`, () => {
  let world: World;
  let image: string;
  let disk: string;
  let first: FleetNode;
  let second: FleetNode | undefined;

  const healthy = (node: FleetNode) =>
    reached(node, "healthy answer", HEALTHY_MS, async () => (await node.healthz()) === 200);

  /** HTTP status of the shop's first page. */
  const shop = async ({ address }: FleetNode) => (await fetch(`http://${address}:8080/`)).status;

  beforeAll(async () => {
    world = await bootWorld("golden");
    image = await goldenImage();
    disk = await goldenDisk(world, image, await world.release());
    first = await newNode(world, { image, disk });
  });
  afterAll(async () => {
    first?.remove();
    second?.remove();
    await world?.close();
  });

  test("the first node goes from user_data to a healthy shop, migrates, and tells its group", async () => {
    // Its disk may have been filled a moment ago, from the same registry.
    const before = world.registry.seen.length;
    first.start();
    await healthy(first);
    await booted(first, HEALTHY_MS);
    expect((await first.status())?.release).toBe((await world.release()).id);
    expect(world.standIn.fleet.completions).toEqual([
      { instanceId: first.id, hook: "greenleaf-launch", result: "CONTINUE" },
    ]);
    expect(world.registry.seen.slice(before).filter((line) => line.startsWith("GET"))).toEqual([]);
  });

  test("a second boot plans nothing, and no token or password is on the disk", async () => {
    const agent = "/opt/greenleaf/current/node /opt/greenleaf/current/main.js";
    expect((await first.run(`${agent} plan`)).stdout).toBe("nothing to do\n");
    expect((await first.run("ls /root/.docker /etc/docker/config.json 2>/dev/null")).stdout).toBe("");
  });

  test("no secret of the account leaves the node by any channel, with AWS and without; no user but root can read one", async () => {
    const secrets = await secretsOf(world);
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    expect(leaksIn(await toldBy(first), secrets)).toEqual([]);
    // Where a repair holds the lock the boot comes after it.
    const told = (verdict: string) =>
      reached(first, `${verdict} node`, HEALTHY_MS, async () => (await first.status())?.verdict === verdict);
    const rule = `OUTPUT -p tcp -d ${world.gateway} --dport ${new URL(world.aws).port} -j REJECT`;
    expect(await first.run(`iptables -w -I ${rule}`)).toMatchObject({ code: 0 });
    await first.run("systemctl restart greenleaf-boot.service", HEALTHY_MS);
    await told("degraded");
    expect(leaksIn(await toldBy(first), secrets)).toEqual([]);
    expect(await first.run(`iptables -w -D ${rule}`)).toMatchObject({ code: 0 });
    expect(await readableBy(first, secrets)).toBe("");
    const { stdout } = await inspectedByNobody(first);
    expect(stdout).toMatch(/permission denied/i);
    expect(leaksIn(stdout, secrets)).toEqual([]);
    expect(await coreLimits(first)).toBe("0 0");
    await first.run("systemctl restart greenleaf-boot.service", HEALTHY_MS);
    await told("ready");
  });

  test("a daemon that turns is left alone by systemd's watchdog; one that hangs is started again", async () => {
    const unit = "greenleaf-agent.service";
    const shown = async (property: string) =>
      (await first.run(`systemctl show --property ${property} --value ${unit}`)).stdout.trim();
    const dropIn = `/run/systemd/system/${unit}.d`;
    await first.run(`mkdir -p ${dropIn} && printf '[Service]\\nWatchdogSec=${WATCHDOG_S}\\n' > ${dropIn}/soon.conf`);
    await first.run(`systemctl daemon-reload && systemctl restart ${unit}`);
    const pid = await shown("MainPID");
    await sleep((WATCHDOG_S + 5) * 1000);
    expect(await shown("MainPID")).toBe(pid);
    await first.run(`kill -STOP ${pid}`);
    const other = async () => !["0", pid].includes(await shown("MainPID"));
    await reached(first, "daemon that was started again", 120_000, other);
    expect((await first.run(`journalctl -u ${unit}`)).stdout).toMatch(/Watchdog timeout/);
    await first.run(`rm -r ${dropIn} && systemctl daemon-reload && systemctl restart ${unit}`);
    await healthy(first);
  });

  test("after a reboot it is healthy again, and user_data ran once", async () => {
    const marks = () => first.run("stat -c %Y /var/lib/cloud/instances/*/sem/config_scripts_user");
    const before = await marks();
    first.stop();
    first.start();
    await healthy(first);
    await booted(first, HEALTHY_MS);
    expect(await marks()).toEqual(before);
  });

  test("after power cuts at any moment of a boot it is never healthy without its stack, and comes back", async () => {
    for (const seconds of [1, 3, 6]) {
      first.cut();
      first.start();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      if ((await first.healthz()) === 200) expect(await shop(first)).toBe(200);
    }
    first.cut();
    first.start();
    await healthy(first);
    await booted(first, HEALTHY_MS);
  });

  test("the next node, with nothing to migrate, is healthy, and its time stands beside the application's own start", async () => {
    first.stop();
    second = await newNode(world, { image, disk });
    second.start();
    await healthy(second);
    const healthyAt = Date.now() / 1000;
    const boot = healthyAt - (await unitStart(second, "greenleaf-boot.service"));
    await booted(second, HEALTHY_MS);
    const app = await appStart(second);
    const phases = (await second.status())?.phases.map(({ name, ms = 0 }) => `${name} ${ms} ms`).join(", ");
    // Told, not asserted: a busy machine must not fail a test.
    console.log(
      `golden boot: unit start to /healthz ${boot.toFixed(1)} s; application alone ${app.toFixed(1)} s, target ${OVERHEAD_S} s more (${phases})`,
    );
  });

  test("deploy --in-place boots the release on the node, rollback brings the one before back", async () => {
    const node = second as FleetNode;
    world.standIn.fleet.instances.delete(first.id);
    world.standIn.fleet.runCommand = (_id, commands) => node.run(commands.join("\n"), HEALTHY_MS);
    const { id: before } = await world.release();
    await world.republish("second");
    await expectDone(world.greenleaf("deploy", ENVIRONMENT, "second", "--in-place"));
    expect(await node.status()).toMatchObject({ verdict: "ready", release: "second" });
    await expectDone(world.greenleaf("rollback", ENVIRONMENT, "--in-place"));
    expect(await node.status()).toMatchObject({ verdict: "ready", release: before });
  });
});
