import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createFabric } from "../../scripts/lab/fabric.ts";
import { forwarding, newInstance, plainRouter, translates } from "./instance.ts";
import { type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason();
const why = missing === undefined ? "" : `: ${missing}`;
const labs: Lab[] = [];
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.remove()));
});

async function launched(name: string) {
  const instance = await newInstance(name);
  labs.push(instance.lab);
  return instance;
}

describe.skipIf(missing !== undefined)(`T15: the boot of a new instance${why}`, () => {
  test("asks metadata who it is, takes off the check, attaches its interface, and is ready after a translated answer", async () => {
    const { lab, cloud } = await launched("boot-new");
    const booted = await lab.agent(0, "boot");
    expect(booted.stderr).toContain("attach    attach eni-0000000000000000a to i-000000000000000a");
    expect(booted.stderr).toContain("3 of 3 targets answered");
    expect(booted.code).toBe(0);
    await translates(lab);
    const { calls } = await cloud({ order: "state" });
    const actions = calls.map(({ action }) => action).filter((action) => !/AutoScaling|Lifecycle/.test(action));
    expect(actions).toEqual(["ModifyNetworkInterfaceAttribute", "AttachNetworkInterface"]);
    // A second boot has the interface and asks EC2 nothing.
    expect(await lab.agent(0, "boot")).toMatchObject({ code: 0 });
    const again = (await cloud({ order: "state" })).calls.map(({ action }) => action);
    expect(again.filter((action) => /Interface/.test(action))).toHaveLength(2);
  });

  test("an interface that the old instance still holds is waited for; one that comes seconds late is found", async () => {
    const { lab, cloud } = await launched("boot-held");
    await cloud({ order: "faults", faults: [{ action: "AttachNetworkInterface", kind: "in-use" }] });
    const agent = lab.startAgent(0, ["boot"]);
    await expect.poll(() => agent.output(), { timeout: 60_000 }).toContain("attach eni-");
    await sleep(2_000);
    expect(agent.child.exitCode).toBeNull();
    expect(await forwarding(lab)).toBe("0");
    // Attached, says EC2, but the kernel sees it later.
    await cloud({ order: "faults", faults: [{ action: "AttachNetworkInterface", kind: "late" }] });
    expect(await agent.ended).toBe(0);
    expect(agent.output()).toMatch(/nat +done ([4-9]|\d\d)\.\ds/);
    await translates(lab);
  });

  test.each(["unauthorized", "error", "silent"] as const)(
    "metadata that is %s for a while delays the boot and nothing else",
    async (fault) => {
      const { lab, imds } = await launched(`boot-${fault}`);
      await imds({ fault });
      const agent = lab.startAgent(0, ["boot"]);
      await expect.poll(async () => (await imds({})).requests.length, { timeout: 60_000 }).toBeGreaterThan(1);
      expect(await forwarding(lab)).toBe("0");
      await imds({ fault: "none" });
      expect(await agent.ended).toBe(0);
      await translates(lab);
    },
  );

  test.each([
    ["not-found", 78, "this is not IMDSv2"],
    ["redirect", 78, "redirects are never followed"],
    ["disabled", 77, "metadata service is disabled"],
  ] as const)(
    "metadata that answers %s ends it with %i at once, named, and nothing is forwarded",
    async (fault, code, words) => {
      const { lab, cloud, imds } = await launched(`boot-${fault}`);
      await imds({ fault });
      const booted = await lab.agent(0, "boot");
      expect(booted).toMatchObject({ code });
      expect(booted.stderr).toContain(words);
      expect(await forwarding(lab)).toBe("0");
      // Nothing was asked of EC2, nor of where the redirect led.
      expect((await cloud({ order: "state" })).calls).toEqual([]);
    },
  );

  test("a rebooted router forwards although metadata and AWS are silent", async () => {
    const { lab, cloud, imds } = await launched("boot-again");
    expect(await lab.agent(0, "boot")).toMatchObject({ code: 0 });
    await imds({ fault: "silent" });
    await cloud({ order: "faults", faults: [{ action: "*", kind: "silent" }] });
    await lab.inside(lab.router(0), "sysctl", "-qw", "net.ipv4.ip_forward=0");
    await lab.inside(lab.router(0), "iptables", "-t", "nat", "-F", "GREENLEAF-NAT");
    const agent = lab.startAgent(0, ["boot"]);
    await expect.poll(() => agent.output(), { timeout: 60_000 }).toContain("probe     done");
    await translates(lab);
  });

  test("a call that IAM denies ends it with 77 and the call's name; a throttled one is tried again", async () => {
    const { lab, cloud } = await launched("boot-denied");
    await cloud({ order: "faults", faults: [{ action: "AttachNetworkInterface", kind: "denied" }] });
    const denied = await lab.agent(0, "boot");
    expect(denied).toMatchObject({ code: 77 });
    expect(denied.stderr).toContain("ec2:AttachNetworkInterface was denied");
    expect(await forwarding(lab)).toBe("0");
    await cloud({ order: "faults", faults: [{ action: "*", kind: "throttled" }] });
    const agent = lab.startAgent(0, ["boot"]);
    await sleep(2_000);
    await cloud({ order: "faults", faults: [] });
    expect(await agent.ended).toBe(0);
    await translates(lab);
  });

  test("without a fixed interface packets leave by the default route, which is waited for as well", async () => {
    const lab = await plainRouter("boot-plain");
    labs.push(lab);
    const agent = lab.startAgent(0, ["nat", "apply"]);
    await sleep(1_500);
    expect(agent.child.exitCode).toBeNull();
    expect(await forwarding(lab)).toBe("0");
    await lab.inside(lab.router(0), "ip", "route", "add", "default", "via", lab.zone(0).router.primary.gateway);
    expect(await agent.ended).toBe(0);
    expect(agent.output()).toContain("by ens5");
  });
});

describe.skipIf(missing !== undefined)(`T14: the boot of a new instance${why}`, () => {
  test.each(["ModifyNetworkInterfaceAttribute", "AttachNetworkInterface"])(
    "killed in the middle of %s it forwards nothing, and the next boot completes",
    async (action) => {
      const { lab, cloud } = await launched(`boot-kill-${action.slice(0, 6).toLowerCase()}`);
      await cloud({ order: "faults", faults: [{ action, kind: "silent" }] });
      const agent = lab.startAgent(0, ["boot"]);
      const actions = async () => (await cloud({ order: "state" })).calls.map((call) => call.action);
      await expect.poll(actions, { timeout: 60_000 }).toContain(action);
      await agent.stop();
      expect(await forwarding(lab)).toBe("0");
      await cloud({ order: "faults", faults: [] });
      expect(await lab.agent(0, "boot")).toMatchObject({ code: 0 });
      await translates(lab);
    },
  );
});

const serversOf = (lab: Lab) => lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
const saved = (lab: Lab) => lab.inside(lab.router(0), "iptables-nft-save");

/** Dozens of steps, each with a lab of its own, on a machine that does much else. */
const EVERY_STEP_MS = 1_200_000;

describe.skipIf(missing !== undefined)(`a router that is killed or rebooted${why}`, () => {
  test(
    "T14: killed between any two steps it forwards nothing untranslated, and the next run completes",
    async () => {
      const lab = await openLab("kill");
      labs.push(lab);
      await serversOf(lab);
      const total = (await lab.agent(0, "nat", "plan")).stdout.trim().split("\n").length;
      expect(total).toBeGreaterThan(20);
      for (let step = 1; step <= total; step += 1) {
        await createFabric(lab.lab);
        await serversOf(lab);
        for (const folder of ["var", "run", "etc/sysctl.d", "etc/greenleaf/nat"])
          rmSync(join(lab.roots[0] ?? "", folder), { recursive: true, force: true });
        const burst = await lab.ready(lab.node(lab.client(0), "new-flows.ts", "2000", "30", ...lab.internet.servers));
        const agent = lab.startAgent(0, ["nat", "apply", "--no-probe"]);
        while (
          agent
            .output()
            .split("\n")
            .filter((line) => /\(.*\)$/.test(line)).length < step &&
          agent.child.exitCode === null
        )
          await sleep(1);
        await agent.stop();
        await sleep(50);
        expect(await lab.leaked(), `after step ${step}`).toBe(0);
        const stands = (await saved(lab)).includes("-A POSTROUTING -j GREENLEAF-NAT");
        if (!stands) expect(await forwarding(lab), `after step ${step}`).toBe("0");
        await burst.stop();
      }
      expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 0 });
      expect(await lab.ask(lab.client(0), "tcp", lab.internet.servers[0] ?? "", "8")).toMatchObject({
        stdout: lab.zone(0).publicAddress,
      });
    },
    EVERY_STEP_MS,
  );

  test("T13: after a reboot the unit alone makes rules stand and then forwards, before there is a network", async () => {
    const lab = await openLab("reboot");
    labs.push(lab);
    await lab.agent(0, "nat", "apply", "--no-probe");
    const before = await saved(lab);
    await createFabric(lab.lab);
    await serversOf(lab);
    await lab.run(lab.router(0), "ip", "link", "set", "ens5", "down");
    const root = lab.roots[0] ?? "";
    const unit = readFileSync(join(root, "etc/systemd/system/greenleaf-nat.service"), "utf8");
    expect(unit).toContain("Before=network-pre.target");
    const commands = [...unit.matchAll(/^ExecStart=(-?)(.*)$/gm)]
      .filter(([, optional]) => optional !== "-")
      .map(([, , command = ""]) => command);
    for (const command of commands) {
      expect(await forwarding(lab)).toBe("0");
      expect(await lab.run(lab.router(0), "sh", "-c", command.replaceAll(" /etc/", ` ${root}/etc/`))).toMatchObject({
        code: 0,
      });
    }
    expect(await forwarding(lab)).toBe("1");
    const rules = (text: string) =>
      text.split("\n").filter((line) => line.startsWith("-A") && !line.includes("tcp-reset"));
    expect(rules(await saved(lab)).toSorted()).toEqual(rules(before).toSorted());
    await lab.run(lab.router(0), "ip", "link", "set", "ens5", "up");
    rmSync(join(root, "run"), { recursive: true, force: true });
    expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 0 });
    expect(await lab.ask(lab.client(0), "tcp", lab.internet.servers[0] ?? "", "8")).toMatchObject({
      stdout: lab.zone(0).publicAddress,
    });
  });
});
