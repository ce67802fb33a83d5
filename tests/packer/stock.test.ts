import { generateKeyPairSync } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { buildArchive, signFolder } from "../../scripts/agent-archive/build-archive.ts";
import { ownArchitecture } from "../../scripts/agent-archive/catalogue.ts";
import { type FakeImds, SECRET_KEY, startFakeImds } from "../support/fake-imds.ts";
import { signatureProblem } from "../support/signature-problem.ts";
import { renderUserData } from "../support/user-data.ts";
import { packerMissing } from "./build-machine.ts";
import { type Container, hostAddress, newContainer } from "./container.ts";

const missing = packerMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const newPair = () =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const pair = newPair();
/** Where this machine is not run by systemd: what user_data asks of it is written down. */
const SYSTEMCTL = `#!/bin/sh\\ncase "$*" in *--now*) echo "$*" >>/systemctl.log ;; *) exec /usr/bin/systemctl "$@" ;; esac\\n`;
const CURRENT = "readlink /opt/greenleaf/current";

describe.skipIf(missing !== undefined)(`user_data on a stock Debian 13${why}`, () => {
  let work: string;
  let bucket: string;
  let imds: FakeImds;
  let s3: Server;
  let machine: Container;
  const asked: string[] = [];
  const unsigned: string[] = [];

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "greenleaf-stock-"));
    bucket = join(work, `bucket/agent/${AGENT_VERSION}/x86_64`);
    await buildArchive(join(work, "archive"), { key: pair.privateKey, architecture: ownArchitecture() });
    mkdirSync(bucket, { recursive: true });
    const host = hostAddress();
    imds = await startFakeImds(host);
    s3 = createServer((request, response) => {
      asked.push(request.url?.split("/").at(-1) ?? "");
      const problem = signatureProblem(request, "", SECRET_KEY);
      if (problem !== undefined) unsigned.push(problem);
      const path = join(work, "bucket", new URL(request.url ?? "/", "http://s3").pathname);
      if (!existsSync(path)) return void response.writeHead(404).end();
      response.end(readFileSync(path));
    });
    await new Promise<void>((resolve) => s3.listen(0, host, resolve));
    machine = newContainer(`greenleaf-test-stock-${process.pid}`, ["--volume", `${work}:/work:ro`]);
    machine.run(`printf '${SYSTEMCTL}' >/usr/local/bin/systemctl; chmod +x /usr/local/bin/systemctl`);
  });
  afterAll(async () => {
    machine?.remove();
    await imds?.close();
    s3?.closeAllConnections();
    s3?.close();
    rmSync(work, { recursive: true, force: true });
  });

  function publish(change: (name: string, bytes: Buffer) => Buffer = (_name, bytes) => bytes): void {
    for (const name of names())
      writeFileSync(join(bucket, name), change(name, readFileSync(join(work, "archive", name))));
  }
  const names = () => [
    ...readFileSync(join(work, "archive/SHA256SUMS"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.slice(66)),
    "SHA256SUMS",
    "SHA256SUMS.sig",
  ];

  function boot(role: "app" | "router", seconds: number) {
    const { address, port } = s3.address() as AddressInfo;
    const script = renderUserData({
      node: {
        version: 1,
        project: "greenleaf",
        environment: "dev",
        role,
        parameters: "/greenleaf/dev",
        release: "ssm:/x",
      },
      agent: AGENT_VERSION,
      public_key: pair.publicKey.trim(),
      region: "eu-west-3",
      artifacts: `http://${address}:${port}`,
      imds: imds.url,
    });
    writeFileSync(join(work, "part-001"), script);
    asked.length = 0;
    return machine.served(
      `cp /work/part-001 /run/part-001; chmod +x /run/part-001; timeout ${seconds} /run/part-001 2>&1`,
    );
  }

  test("a list that somebody else signed stops everything, at once and by name", async () => {
    publish();
    const strange = join(work, "strange");
    mkdirSync(strange);
    for (const name of names()) copyFileSync(join(bucket, name), join(strange, name));
    await signFolder(strange, newPair().privateKey);
    copyFileSync(join(strange, "SHA256SUMS.sig"), join(bucket, "SHA256SUMS.sig"));
    const { code, stdout } = await boot("router", 8);
    expect(stdout).toContain(`greenleaf: agent ${AGENT_VERSION} could not be installed, 29 tries left`);
    expect(code).toBe(124);
    expect(asked).toEqual(["SHA256SUMS", "SHA256SUMS.sig"]);
    expect(machine.run("ls /opt/greenleaf /systemctl.log").stdout).toBe("");
  });

  test("a bit that flipped on the way stops it before the first byte runs", async () => {
    publish((name, bytes) => (name.startsWith("node-") ? flipped(bytes) : bytes));
    const { code, stdout } = await boot("router", 12);
    expect(stdout).toMatch(/node-.*: FAILED/);
    expect(stdout).toContain("could not be installed, 29 tries left");
    expect(code).toBe(124);
    expect(machine.run("ls /var/tmp/greenleaf/node /opt/greenleaf /systemctl.log").stdout).toBe("");
  });

  test("a stock router fetches what it lacks, by signed requests, and starts the agent's units", async () => {
    publish();
    const { code, stdout } = await boot("router", 120);
    expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
    expect(asked.toSorted()).toEqual(
      names()
        .filter((name) => !name.startsWith("docker-"))
        .toSorted(),
    );
    expect(unsigned).toEqual([]);
    expect(machine.run(CURRENT).stdout.trim()).toBe(AGENT_VERSION);
    expect(machine.run("cat /systemctl.log").stdout).toBe(
      "enable --now --no-block greenleaf-boot.service greenleaf-agent.service\n",
    );
    expect(machine.run("command -v iptables-restore conntrack nft").code).toBe(0);
    expect(
      machine.run("cmp /run/part-001 /var/lib/cloud/scripts/per-boot/greenleaf; ls /var/tmp/greenleaf").stdout,
    ).toBe("");
  });

  test("from now on it is golden: it asks nobody for anything", async () => {
    const before = imds.requests.length;
    expect((await boot("router", 20)).code).toBe(0);
    expect(asked).toEqual([]);
    expect(imds.requests.length).toBe(before);
  });

  test("an app image with another agent that cannot get the new one runs its own, and says so", async () => {
    machine.run(`ln -sfn 0.0.9 /opt/greenleaf/current; mv /opt/greenleaf/${AGENT_VERSION} /opt/greenleaf/0.0.9`);
    publish((name, bytes) => (name.startsWith("greenleaf-agent") ? flipped(bytes) : bytes));
    const { code, stdout } = await boot("app", 60);
    expect(code).toBe(0);
    expect(stdout).toContain(`greenleaf: agent ${AGENT_VERSION} could not be installed: this node runs its own 0.0.9`);
    expect(machine.run(CURRENT).stdout.trim()).toBe("0.0.9");
  });
});

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.length >> 1]! ^= 1;
  return changed;
}
