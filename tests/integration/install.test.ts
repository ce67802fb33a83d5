import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Machine, machineMissing, newMachine } from "../support/machine.ts";
import { prefixReaper } from "../support/reaper.ts";

const missing = machineMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const ROOT = ["--root", "/var/lib/gl"];
const ALL = ["install", "--only", "engine,plugins,tools", ...ROOT];
const RECORD = "/var/lib/gl/var/lib/greenleaf/installed.json";
const PACKAGES = "dpkg-query -W -f '${Package}\\n' | sort";
// By the kernel's names: a command line would match the shell that asks. What ended waits for its parent (Z).
const RUNNING =
  "awk '/^Name:/ { name = $2 } /^State:/ && $2 != \"Z\" && name ~ /^(dockerd|containerd)/ { print name }' /proc/[0-9]*/status";

const LEFT = [
  RECORD,
  "/var/lib/containerd",
  "/etc/docker",
  "/usr/local/lib/docker",
  "/var/log/greenleaf-dockerd.log",
  "/run/docker",
];

describe.skipIf(missing !== undefined).each(["bookworm", "trixie"] as const)(`a bare Debian %s${why}`, (suite) => {
  let machine: Machine;
  let packagesBefore: string;
  const reaper = prefixReaper(`greenleaf-test-machine-${process.pid}-${suite}`);

  beforeAll(() => {
    machine = newMachine(suite);
    packagesBefore = machine.run(PACKAGES).stdout;
  });
  afterAll(async () => {
    machine?.remove();
    await reaper.finish();
  });

  test("a plan says what would be done and does nothing", () => {
    const { code, stdout } = machine.agent(...ALL, "--plan");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^refresh the package lists {2}\(to install docker\.io/);
    expect(stdout).toContain("start dockerd  (the engine does not answer, and no init system runs here)");
    expect(stdout.includes("from Debian trixie")).toBe(suite === "bookworm");
    expect(machine.run(PACKAGES).stdout).toBe(packagesBefore);
    expect(machine.run(`test -e ${RECORD}`).code).toBe(1);
  });

  test("install brings an engine that answers, with compose and buildx", () => {
    const { code, stderr } = machine.agent(...ALL);
    expect(stderr).not.toContain("error:");
    expect(code).toBe(0);
    expect(machine.run("docker version --format '{{.Server.Version}}'").stdout).toMatch(/^\d+\.\d+/);
    expect(machine.run("docker compose version").stdout).toContain("2.26");
    expect(machine.run("docker buildx version").code).toBe(0);
    expect(machine.run("command -v mmdebstrap").code).toBe(0);
    // The machine's own apt never heard of the other release.
    if (suite === "bookworm")
      expect(machine.run("apt-cache policy; ls /var/cache/greenleaf/apt").stdout).not.toContain("trixie");
  });

  test("a container runs on it", () => {
    const line =
      "tar -c -C /usr/bin/.. bin/true lib lib64 2>/dev/null | docker import - probe >/dev/null; docker run --rm --network none probe /bin/true";
    expect(machine.run(line)).toMatchObject({ code: 0 });
  });

  test("installing again finds nothing to do", () => {
    const before = machine.run(`cat ${RECORD}`).stdout;
    expect(machine.agent(...ALL, "--plan")).toMatchObject({ code: 0, stdout: "" });
    expect(machine.agent(...ALL)).toMatchObject({ code: 0, stderr: "" });
    expect(machine.run(`cat ${RECORD}`).stdout).toBe(before);
  });

  test("an engine that ended is started again, and recorded anew", () => {
    const before = daemonOf();
    machine.run(
      `kill ${before}; while kill -0 ${before} 2>/dev/null && ! grep -q 'State:.Z' /proc/${before}/status; do sleep 0.1; done`,
    );
    const { code, stderr } = machine.agent(...ALL);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "install   start dockerd  (the engine does not answer, and no init system runs here)\n",
    });
    expect(daemonOf()).not.toBe(before);
  });

  test("while somebody's container is there, nothing is taken away, and that is said", () => {
    machine.run("docker create --name theirs probe /bin/true");
    const { code, stderr } = machine.agent("install", "--remove", ...ROOT);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "install   1 containers, 1 images of others are on the engine: it stays\n",
    });
    expect(machine.run("docker inspect theirs").code).toBe(0);
    machine.run("docker rm theirs");
    expect(machine.agent("install", "--remove", ...ROOT).code).toBe(2);
    machine.run("docker rmi probe");
  });

  test("removal leaves the machine as it was", () => {
    expect(machine.agent("install", "--remove", ...ROOT).code).toBe(0);
    expect(machine.run(PACKAGES).stdout).toBe(packagesBefore);
    expect(machine.run(`ls -A /var/lib/docker; ls -d ${LEFT.join(" ")} 2>/dev/null`).stdout).toBe("");
    expect(machine.run(RUNNING).stdout).toBe("");
    expect(machine.agent("install", "--remove", ...ROOT)).toMatchObject({ code: 0, stderr: "" });
  });

  test("no package source is told in three lines, and the next try can work", () => {
    machine.run("mv /etc/apt/sources.list /etc/apt/kept; rm -rf /var/lib/apt/lists/*");
    const { code, stderr } = machine.agent(...ALL);
    machine.run("mv /etc/apt/kept /etc/apt/sources.list");
    expect(code).toBe(69);
    expect(stderr.split("\n").slice(-4)).toEqual([
      expect.stringMatching(/^error: install: docker\.io,.* cannot be installed$/),
      "why:   no archive that apt is told of has it",
      "fix:   enable the archive in /etc/apt/sources.list.d (Debian: main; Ubuntu: universe), then try again",
      "",
    ]);
    expect(machine.run(PACKAGES).stdout).toBe(packagesBefore);
  });

  test("who is not root is told so before anything is touched", () => {
    const line =
      "setpriv --reuid 1000 --clear-groups /src/node_modules/node-linux-*/bin/node /src/node-agent/src/main.ts install";
    expect(machine.run(line)).toMatchObject({
      code: 77,
      stderr: expect.stringContaining("error: install needs root\n"),
    });
  });

  const daemonOf = (): number =>
    (JSON.parse(machine.run(`cat ${RECORD}`).stdout) as { daemon: { pid: number } }).daemon.pid;
});
