import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { iptables } from "../../node-agent/src/adapters/kernel/iptables.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import type { Boot } from "../../node-agent/src/phases/phase.ts";
import { removeMetadataWall, wallOffMetadata } from "../../node-agent/src/phases/stack/metadata-wall.ts";
import { realWorld } from "../../node-agent/src/world.ts";

const NAME = `glwall${process.pid}`;
const [container, node, metadata] = ["c", "n", "m"].map((letter) => `${NAME}${letter}`) as [string, string, string];

const run = (argv: readonly string[]) => spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" });
const inside = (namespace: string, ...argv: string[]) => run(["ip", "netns", "exec", namespace, ...argv]);

function must(...argv: string[]): string {
  const { status, stdout, stderr } = run(argv);
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

const isAble =
  process.getuid?.() === 0 && ["ip", "iptables-save"].every((program) => run(["which", program]).status === 0);
const why = isAble ? "" : " (skipped: needs root, iproute2 and iptables)";

/** A container behind a node that forwards, and the metadata service behind the node: three network namespaces. */
function wire(): void {
  for (const name of [container, node, metadata]) must("ip", "netns", "add", name);
  const cable = (a: string, nameA: string, b: string, nameB: string) =>
    must("ip", "-n", a, "link", "add", nameA, "type", "veth", "peer", "name", nameB, "netns", b);
  cable(container, "eth0", node, "docker0");
  cable(node, "eth0", metadata, "eth0");
  const address = (namespace: string, link: string, ...addresses: string[]) => {
    for (const one of addresses) {
      const flags = one.includes(":") ? ["nodad"] : [];
      must("ip", "-n", namespace, "address", "add", one, "dev", link, ...flags);
    }
    must("ip", "-n", namespace, "link", "set", link, "up");
  };
  address(container, "eth0", "10.77.0.2/24", "fd77::2/64");
  address(node, "docker0", "10.77.0.1/24", "fd77::1/64");
  address(node, "eth0", "10.78.0.1/24", "fd78::1/64");
  address(metadata, "eth0", "10.78.0.2/24", "169.254.169.254/32", "fd78::2/64", "fd00:ec2::254/128");
  for (const [namespace, via4, via6] of [
    [container, "10.77.0.1", "fd77::1"],
    [metadata, "10.78.0.1", "fd78::1"],
  ] as const) {
    must("ip", "-n", namespace, "route", "add", "default", "via", via4);
    must("ip", "-n", namespace, "-6", "route", "add", "default", "via", via6);
  }
  must("ip", "-n", node, "route", "add", "169.254.169.254/32", "via", "10.78.0.2");
  must("ip", "-n", node, "-6", "route", "add", "fd00:ec2::254/128", "via", "fd78::2");
  for (const key of ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
    must("ip", "netns", "exec", node, "sysctl", "-qw", `${key}=1`);
}

/** What Docker makes at its start, and a rule of somebody else that lets everything through. */
function asDocker(): void {
  for (const rule of ["-N DOCKER-USER", "-I FORWARD -j DOCKER-USER", "-A DOCKER-USER -j ACCEPT"])
    must("ip", "netns", "exec", node, "iptables", ...rule.split(" "));
}

const PORT = 8080;
const LISTEN = `require("node:net").createServer((c) => c.end()).listen(${PORT}, "::", () => console.log("listening"))`;
/** A handshake is the kernels' work alone: what does not come within this does not come. */
const DIAL = `const c = require("node:net").connect(${PORT}, process.argv[1]);
c.on("connect", () => process.exit(0)).on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 4000)`;

async function startMetadata(): Promise<ChildProcess> {
  const server = spawn("ip", ["netns", "exec", metadata, process.execPath, "-e", LISTEN]);
  await new Promise((resolve) => server.stdout.once("data", resolve));
  return server;
}

const ADDRESSES = ["169.254.169.254", "10.78.0.2", "fd00:ec2::254", "fd78::2"];
const reaches = (namespace: string, address: string): boolean =>
  inside(namespace, process.execPath, "-e", DIAL, address).status === 0;
/** Which of them answer a container: metadata and its neighbour, by either protocol. */
const answering = (): string[] => ADDRESSES.filter((address) => reaches(container, address));
const rules = (): string => {
  const texts = ["iptables-save", "ip6tables-save"].map((program) => inside(node, program).stdout);
  return texts.join("").replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");
};

describe.skipIf(!isAble)(`containers and the instance metadata${why}`, () => {
  let root: string;
  const boot = (): Boot => {
    const within: typeof exec = (argv, options) => exec(["ip", "netns", "exec", node, ...argv], options);
    const world = { ...realWorld({ root }), iptables: iptables(within) };
    return { world, log: { emit: () => undefined }, mode: "apply", operations: [], results: [] };
  };

  let server: ChildProcess | undefined;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "greenleaf-wall-"));
    wire();
    asDocker();
    server = await startMetadata();
  });
  afterAll(() => {
    server?.kill("SIGKILL");
    for (const name of [container, node, metadata]) run(["ip", "netns", "delete", name]);
    rmSync(root, { recursive: true, force: true });
  });

  test("no packet of a container reaches it, by IPv4 or IPv6; everything else goes as before", async () => {
    expect(answering()).toEqual(ADDRESSES);
    await wallOffMetadata(boot());
    expect(answering()).toEqual(["10.78.0.2", "fd78::2"]);
  });

  test("the node itself still reaches it", () => {
    expect(reaches(node, "169.254.169.254")).toBe(true);
  });

  test("a second boot plans nothing; a rule that somebody put first is overtaken", async () => {
    const again = boot();
    await wallOffMetadata(again);
    expect(again.operations).toEqual([]);
    must("ip", "netns", "exec", node, "iptables", "-I", "DOCKER-USER", "-j", "ACCEPT");
    expect(answering()).toContain("169.254.169.254");
    await wallOffMetadata(boot());
    expect(answering()).toEqual(["10.78.0.2", "fd78::2"]);
    must("ip", "netns", "exec", node, "iptables", "-D", "DOCKER-USER", "2");
  });

  test("a plan tells the rules and puts none", async () => {
    await removeMetadataWall(boot());
    const before = rules();
    const plan: Boot = { ...boot(), mode: "plan" };
    await wallOffMetadata(plan);
    expect(plan.operations.map(({ name }) => name)).toEqual([
      "put the ipv4 rule against instance metadata into DOCKER-USER",
      "put the ipv6 rule against instance metadata into FORWARD",
    ]);
    expect(rules()).toBe(before);
  });

  test("what is removed leaves every rule of others byte for byte", async () => {
    const before = rules();
    await wallOffMetadata(boot());
    expect(rules()).not.toBe(before);
    await removeMetadataWall(boot());
    expect(rules()).toBe(before);
    expect(answering()).toEqual(ADDRESSES);
  });

  test("a machine that is no EC2 instance keeps its rules as they are", async () => {
    const local = { ...boot(), node: { document: { endpoints: { imds: "none" } } } } as unknown as Boot;
    const before = rules();
    await wallOffMetadata(local);
    expect(rules()).toBe(before);
  });
});
