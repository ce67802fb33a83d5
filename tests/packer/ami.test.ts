import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { writeTar } from "../../scripts/agent-archive/write-tar.ts";
import { buildImage } from "../../scripts/ami/build-image.ts";
import { imageIn } from "../../scripts/ami/publish.ts";
import { SIGNING_KEY } from "../../scripts/bootstrap/parameters.ts";
import { type AwsAccount, query } from "../../scripts/fleet/aws.ts";
import { openPublisher, type Publisher } from "../../scripts/release/registry/publisher.ts";
import { startMoto } from "../aws/moto.ts";
import { openStandIn, type StandIn } from "../aws/stand-in.ts";
import { registryImage } from "../boot/machine-images.ts";
import { prefixReaper } from "../support/reaper.ts";
import { type BuildMachine, docker, newBuildMachine, packerMissing, shell, stockImage } from "./build-machine.ts";

const missing = packerMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const LAUNCHER = join(import.meta.dirname, "../../scripts/greenleaf.ts");
const EC2 = { service: "ec2", version: "2016-11-15" };
/** moto's list of images stands for Amazon's; what packer logs in to is Debian 13. */
const SOURCE = ["ami_owner=137112412989", "ami_name=al2023-ami-2023.6.*-kernel-6.1-x86_64"];
/** Debian's own settings ask for a password. */
const REGISTRY = 'version: 0.1\\nstorage: { filesystem: { rootdirectory: /tmp } }\\nhttp: { addr: ":5000" }\\n';
const key = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

describe.skipIf(missing !== undefined)(`golden images${why}`, { concurrent: true }, () => {
  const reaper = prefixReaper(`greenleaf-test-packer-${process.pid}`);
  const machines: BuildMachine[] = [];
  let moto: { url: string; stop: () => Promise<void> };
  let standIn: StandIn;
  let account: AwsAccount;
  let publisher: Publisher;
  let work: string;

  beforeAll(async () => {
    const started = await startMoto();
    if ("missing" in started) throw new Error(started.missing);
    moto = started;
    standIn = await openStandIn(moto.url);
    account = {
      region: "eu-west-3",
      endpoint: standIn.url,
      credentials: { accessKeyId: "AKIA-test", secretAccessKey: "test" },
    };
    publisher = await openPublisher(account);
    await publisher.setParameter(SIGNING_KEY, key);
    work = mkdtempSync(join(tmpdir(), "greenleaf-ami-test-"));
    stockImage();
  });
  afterAll(async () => {
    for (const machine of machines) machine.remove();
    rmSync(work, { recursive: true, force: true });
    await standIn?.close();
    await moto?.stop();
    await reaper.finish();
  });

  const machineFor = (suffix: string, create: readonly string[] = []): BuildMachine => {
    const machine = newBuildMachine(suffix, create);
    machines.push(machine);
    return machine;
  };
  const variablesOf = ({ address, key: login }: BuildMachine): string =>
    [...SOURCE, `ec2_endpoint=${standIn.url}`, `ssh_host=${address}`, `ssh_private_key_file=${login}`].join(" ");
  const ami = (machine: BuildMachine, ...args: string[]) =>
    ended(["ami", ...args, "--os", "debian-13"], {
      AWS_ENDPOINT_URL: standIn.url,
      AWS_ACCESS_KEY_ID: "AKIA-test",
      AWS_SECRET_ACCESS_KEY: "test",
      GREENLEAF_PACKER_VARS: variablesOf(machine),
    });
  const read = (...path: string[]) => readFileSync(join(work, ...path), "utf8");

  test("an app image is baked on an instance, holds agent, engine and the release's images, and is published", async () => {
    const machine = machineFor("app");
    const image = await publishedImage(machine);
    await publishRelease(publisher, image);
    const out = join(work, "app");
    const { code, stdout, stderr } = await ami(machine, "app", "--env", "dev", "--out", out);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });

    const id = stdout.trim();
    expect(id).toMatch(/^ami-[0-9a-f]+$/);
    expect(await publisher.parameter("/greenleaf/dev/ami/app")).toBe(id);
    expect(await publisher.parameter("/greenleaf/prod/ami/app")).toBeUndefined();
    const described = await query(account, EC2, "DescribeImages", { "ImageId.1": id });
    expect(described).toContain("<imdsSupport>v2.0</imdsSupport>");
    expect(described).toContain("<encrypted>true</encrypted>");
    expect(described).toMatch(new RegExp(`<name>greenleaf-app-debian-13-${AGENT_VERSION}-\\d{14}</name>`));

    const manifest = JSON.parse(read("app", "manifest.json")) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      agent: [AGENT_VERSION],
      compose: [expect.stringMatching(/^2\.26\.1/)],
      image: [image],
    });
    expect(manifest.packages).toMatchObject({
      "docker.io": expect.stringMatching(/^26\./),
      openssl: expect.any(String),
    });
    const purls = (JSON.parse(read("app", "sbom.cdx.json")) as { components: ReadonlyArray<{ purl?: string }> })
      .components;
    expect(purls.some(({ purl }) => purl?.startsWith("pkg:npm/dockerode@"))).toBe(true);
    expect(purls.some(({ purl }) => purl?.startsWith("pkg:deb/debian/docker.io@"))).toBe(true);

    const left = machine.run(
      `readlink /opt/greenleaf/current; ls /etc/systemd/system/multi-user.target.wants | grep -c ^greenleaf; ls -A /dev/shm /root /tmp /var/tmp /etc/greenleaf | grep -c . ; cat /etc/machine-id; grep -c '${image.split("@")[1]}' /var/lib/docker/image/*/repositories.json`,
    );
    expect(left.stdout.split("\n")).toEqual(expect.arrayContaining([AGENT_VERSION, "2", "uninitialized"]));
    expect(Number(left.stdout.trim().split("\n").at(-1))).toBeGreaterThan(0);
  });

  test("what cannot be cleaned fails the build: nothing is made, nothing is published, the instance is gone", async () => {
    const leak = join(work, "leak");
    writeFileSync(leak, "what another node was told");
    const machine = machineFor("leak", ["--volume", `${leak}:/etc/greenleaf/left:ro`]);
    const out = join(work, "leaky");
    const { code, stdout, stderr } = await ami(machine, "router", "--env", "preprod", "--out", out);
    expect({ code, stdout }).toEqual({ code: 75, stdout: "" });
    expect(stderr).toMatch(/why: +the image holds what an image must not hold:\n +- leak: \/etc\/greenleaf\/left: /);
    expect(await publisher.parameter("/greenleaf/preprod/ami/router")).toBeUndefined();
    expect(existsSync(join(out, "packer-manifest.json"))).toBe(false);
    expect(await query(account, EC2, "DescribeImages", { "Owner.1": "self" })).not.toContain(
      "greenleaf-router-debian-13",
    );
  });

  test("a router image is baked by the docker builder, and holds what forwards packets and no engine", async () => {
    const out = join(work, "router");
    const start = performance.now();
    const variables = [`docker_image=${stockImage()}`];
    await buildImage({ role: "router", system: "debian-13", out, images: [], key, builder: "docker", variables });
    process.stdout.write(`packer docker build: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    const name = `greenleaf-test-packer-${process.pid}-look`;
    const image = `sha256:${imageIn(read("router", "packer-manifest.json"))}`;
    try {
      docker("run", "--detach", "--rm", "--name", name, image, "/bin/sleep", "60");
      const { stdout } = shell(
        name,
        "for name in iptables-restore conntrack ip tc nft docker; do command -v $name; done; greenleaf-agent nat --help | head -n 1",
      );
      expect(stdout.trim().split("\n")).toEqual([
        "/usr/sbin/iptables-restore",
        "/usr/sbin/conntrack",
        "/usr/sbin/ip",
        "/usr/sbin/tc",
        "/usr/sbin/nft",
        expect.stringContaining("nat"),
      ]);
    } finally {
      docker("rm", "--force", "--volumes", name);
      docker("rmi", "--force", image);
    }
  });

  /** A registry inside the machine, as far away as a node's; the image is pushed from here. */
  async function publishedImage(machine: BuildMachine): Promise<string> {
    const registry = `${machine.name}-registry`;
    docker(
      ["run", "--detach", "--rm", "--name", registry, "--network", `container:${machine.name}`, registryImage()],
      ["/bin/sh", "-c", `printf '${REGISTRY}' >/tmp/config.yml && exec docker-registry serve /tmp/config.yml`],
    );
    const tag = `${machine.registry}/greenleaf/probe:1`;
    const tar = join(work, "probe.tar");
    writeFileSync(tar, writeTar(new Map([["etc/probe", { bytes: Buffer.from("an image of a release\n") }]])));
    docker("import", tar, tag);
    await pushed(tag);
    const digest = docker("inspect", "--format", "{{index .RepoDigests 0}}", tag).split("@")[1] ?? "";
    docker("rmi", "--force", tag);
    return `127.0.0.1:5000/greenleaf/probe@${digest}`;
  }
});

/** The registry answers some time after its start. */
async function pushed(tag: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      docker("push", "--quiet", tag);
      return;
    } catch (error) {
      if (attempt > 40) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

async function publishRelease(publisher: Publisher, image: string): Promise<void> {
  const release = signRelease(
    {
      id: "probe-1",
      created: "2026-01-01T00:00:00Z",
      images: { backend: image },
      stack: { uri: "s3://greenleaf/stack/x.tar.gz", sha256: "a".repeat(64) },
      migrations: "m1",
    },
    key,
  );
  await publisher.setParameter("/greenleaf/dev/release", JSON.stringify(release));
}

/** Runs ./greenleaf as an operator does. */
function ended(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env: { ...process.env, ...env } });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    child.on("error", reject).on("close", (code) => resolve({ code, ...output }));
  });
}
