import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { buildArchive } from "../../scripts/agent-archive/build-archive.ts";
import { ownArchitecture } from "../../scripts/agent-archive/catalogue.ts";
import { packerMissing } from "./build-machine.ts";
import { type Container, newContainer } from "./container.ts";

const missing = packerMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const pair = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
/** Seconds after which an install is killed: from before its first step to after its last. */
const KILLS = [0.05, 0.15, 0.3, 0.45, 0.6, 0.8, 1, 1.25, 1.5, 1.8, 2.2, 2.7];

describe.skipIf(missing !== undefined)(`install from an archive, on Debian 13${why}`, () => {
  let work: string;
  let machine: Container;
  let small: Container;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "greenleaf-install-"));
    writeFileSync(join(work, "release.pub"), pair.publicKey);
    await buildArchive(join(work, "now"), { key: pair.privateKey, architecture: ownArchitecture() });
    await buildArchive(join(work, "older"), { key: pair.privateKey, version: "0.0.9" });
    await buildArchive(join(work, "newer"), { key: pair.privateKey, version: "9.0.0" });
    const archive = ["--volume", `${work}:/archive:ro`];
    machine = newContainer(`greenleaf-test-install-${process.pid}`, archive);
    small = newContainer(`greenleaf-test-install-${process.pid}-small`, [...archive, "--tmpfs", "/opt:size=60m,exec"]);
    for (const container of [machine, small])
      container.run(
        "mkdir -p /run/first && cd /run/first && tar -xzf /archive/now/greenleaf-agent-*.tar.gz && gunzip -c /archive/now/node-*.gz >node && chmod +x node",
      );
  });
  afterAll(() => {
    machine?.remove();
    small?.remove();
    rmSync(work, { recursive: true, force: true });
  });

  const line = (archive: string) =>
    `/run/first/node /run/first/main.js install --only agent --from /archive/${archive} --key /archive/release.pub`;
  const installed = () => machine.run("ls -A /opt/greenleaf; readlink /opt/greenleaf/current").stdout.split("\n");

  test("a full disk is told by name, and leaves nothing half-installed", () => {
    const { code, stderr } = small.run(line("now"));
    expect(code).toBe(75);
    expect(stderr).toContain(
      `error: install: /opt/greenleaf/${AGENT_VERSION} could not be written; what was installed is untouched`,
    );
    expect(stderr).toMatch(/why: +.*ENOSPC/);
    expect(small.run("ls -A /opt/greenleaf").stdout).toBe("");
  });

  test("killed at any moment, the machine has no agent or a whole one", () => {
    const halves: string[] = [];
    for (const seconds of KILLS) {
      machine.run(`timeout -s KILL ${seconds} ${line("now")}`);
      const works = machine.run(
        "test ! -e /opt/greenleaf/current || /opt/greenleaf/current/node /opt/greenleaf/current/main.js --help",
      );
      if (works.code !== 0) halves.push(`${seconds} s: ${works.stderr}`);
      if (seconds < 1) machine.run("rm -rf /opt/greenleaf/current");
    }
    expect(halves).toEqual([]);
    expect(machine.run(line("now")).code).toBe(0);
    expect(installed()).toEqual([AGENT_VERSION, "current", AGENT_VERSION, ""]);
  });

  test("installed, it is a command, and installing again finds nothing to do", () => {
    expect(machine.run("greenleaf-agent --help").stdout).toContain("greenleaf-agent");
    expect(machine.run(line("now"))).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("an older agent is refused: exit code 2, said in a line, and the newer one stays", () => {
    const { code, stderr } = machine.run(line("older"));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `install   agent 0.0.9 is older than the installed ${AGENT_VERSION}, which stays\n`,
    });
    expect(installed()).toEqual([AGENT_VERSION, "current", AGENT_VERSION, ""]);
  });

  test("a newer agent takes over, and the one before stays to go back to", () => {
    expect(machine.run(line("newer")).code).toBe(0);
    expect(installed()).toEqual([AGENT_VERSION, "9.0.0", "current", "9.0.0", ""]);
    expect(machine.run("greenleaf-agent --help").code).toBe(0);
  });
});
