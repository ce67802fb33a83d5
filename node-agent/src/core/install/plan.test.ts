import { expect, test } from "vitest";
import { parseAgentList } from "./agent-archive.ts";
import { distributionOf, parseRelease } from "./distributions.ts";
import { GROUPS_OF_ROLE, type Group } from "./groups.ts";
import { type InstallFacts, planInstall, SYSCTLS } from "./plan.ts";

const OS: Readonly<Record<string, string>> = {
  bookworm: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
  trixie: 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n',
  sid: 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n',
  noble: 'PRETTY_NAME="Ubuntu 24.04 LTS"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n',
  amazon: 'NAME="Amazon Linux"\nVERSION_ID="2023"\nID="amzn"\nPRETTY_NAME="Amazon Linux 2023"\n',
  alpine: "ID=alpine\nVERSION_ID=3.22\nPRETTY_NAME='Alpine Linux v3.22'\n",
};

const MACHINE: readonly Group[] = ["engine", "plugins", "tools", "units"];

function planned(os: string, changes: Partial<InstallFacts> = {}, groups: readonly Group[] = MACHINE) {
  const release = parseRelease(OS[os]);
  const facts: InstallFacts = {
    release,
    systemd: true,
    engineAnswers: false,
    packages: new Set(),
    programs: new Set(),
    plugins: new Set(),
    sources: [{ uri: "http://m.example/debian", suites: ["bookworm", "trixie"], components: ["main"] }],
    cgroups: "",
    mounts: "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
    meminfo: "MemTotal:  8000000 kB\nSwapTotal: 0 kB\n",
    swaps: "",
    leftOver: false,
    units: new Map([["greenleaf-agent.service", "text"]]),
    freshLists: false,
    sysctls: undefined,
    ...changes,
  };
  const { operations, notes } = planInstall(facts, distributionOf(release), groups);
  return { names: operations.map(({ name }) => name), operations, notes };
}

test("Debian 13 has all in its own packages", () => {
  expect(planned("trixie")).toMatchObject({
    names: [
      "refresh the package lists",
      "install docker.io, docker-cli, iptables, docker-compose, docker-buildx, mmdebstrap",
      "enable and start docker.service",
      "write and enable greenleaf-agent.service",
    ],
    notes: [],
  });
});

test("Debian 12 takes compose and buildx from Debian 13, from its own mirror and with a keyring", () => {
  const { names, operations } = planned("bookworm");
  expect(names).toEqual([
    "refresh the package lists",
    "install docker.io, iptables, mmdebstrap, debian-archive-keyring",
    "take docker-compose, docker-buildx from Debian trixie",
    "enable and start docker.service",
    "write and enable greenleaf-agent.service",
  ]);
  expect(operations[2]).toMatchObject({
    suite: "trixie",
    mirror: { uri: "http://m.example/debian", signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg" },
  });
});

test("Ubuntu and Amazon Linux are planned, and it is said that nothing ran there", () => {
  expect(planned("noble", {}, ["engine", "plugins"])).toMatchObject({
    names: [
      "refresh the package lists",
      "install docker.io, iptables, docker-compose-v2, docker-buildx",
      "enable and start docker.service",
    ],
    notes: ["Ubuntu 24.04 LTS is planned and checked, but no test runs on it"],
  });
  expect(planned("amazon", {}, ["engine", "plugins"])).toMatchObject({
    names: ["refresh the package lists", "install docker, iptables-nft", "enable and start docker.service"],
    notes: [
      "Amazon Linux 2023 is planned and checked, but no test runs on it",
      "Amazon Linux 2023 packages no compose plugin",
      "Amazon Linux 2023 packages no buildx plugin",
    ],
  });
});

test("lists that were refreshed minutes ago are not refreshed again", () => {
  expect(planned("trixie", { freshLists: true }, ["tools"]).names).toEqual(["install mmdebstrap"]);
});

test("a release that is newer than all known ones is taken for the newest", () => {
  expect(planned("sid", {}, ["plugins"]).names[1]).toBe("install docker-compose, docker-buildx");
});

test("what is there is left alone, whoever put it there", () => {
  const there = {
    engineAnswers: true,
    programs: new Set(["docker", "dockerd"]),
    plugins: new Set(["compose", "buildx"] as const),
    packages: new Set(["docker-ce", "mmdebstrap"]),
    units: new Map<string, string>(),
  };
  expect(planned("bookworm", there)).toEqual({ names: [], operations: [], notes: [] });
});

test("somebody's stopped engine is started, not replaced; a missing client is added", () => {
  expect(planned("trixie", { programs: new Set(["docker", "dockerd"]) }, ["engine"]).names).toEqual([
    "enable and start docker.service",
  ]);
  expect(planned("trixie", { engineAnswers: true, programs: new Set(["dockerd"]) }, ["engine"]).names).toEqual([
    "refresh the package lists",
    "install docker-cli",
  ]);
});

test("without an init system the engine is started by hand, its control groups before it", () => {
  const bare = { systemd: false, programs: new Set(["docker", "dockerd"]), mounts: "" };
  expect(planned("trixie", bare, ["engine", "units"])).toMatchObject({
    names: ["mount the control groups", "start dockerd"],
    notes: ["there is no systemd here: the agent's units are left out"],
  });
});

test("an unknown distribution is refused with what to do", () => {
  expect(() => planned("alpine")).toThrow(
    expect.objectContaining({ exitCode: 69, message: "install: Alpine Linux v3.22 is not supported" }),
  );
  expect(() => distributionOf(parseRelease(undefined))).toThrow("install: unknown is not supported");
});

const archive = parseAgentList(
  `${"a".repeat(64)}  greenleaf-agent-0.2.0.tar.gz\n${"c".repeat(64)}  docker-compose-2.26.1-linux-x64.gz\n`,
)!;
const agent = { archive, from: "/tmp/agent", current: undefined, installed: new Map<string, string>() };

test("an app node gets agent and compose from the archive, and becomes one in the last step", () => {
  const wanted = [
    "place the agent in /opt/greenleaf/0.2.0",
    "refresh the package lists",
    "install docker.io, docker-cli, iptables",
    "place docker-compose-2.26.1-linux-x64.gz",
    "write /etc/sysctl.d/60-greenleaf.conf",
    "enable and start docker.service",
    "write and enable greenleaf-agent.service",
    "make 0.2.0 the current agent",
  ];
  expect(planned("trixie", { agent }, GROUPS_OF_ROLE.app).names).toEqual(wanted);
  expect(planned("amazon", { agent }, GROUPS_OF_ROLE.app)).toMatchObject({
    names: wanted.with(2, "install docker, iptables-nft"),
    notes: ["Amazon Linux 2023 is planned and checked, but no test runs on it"],
  });
});

test("a router gets what it forwards with, and no container engine", () => {
  const common = ["place the agent in /opt/greenleaf/0.2.0", "refresh the package lists"];
  expect(planned("trixie", { agent }, GROUPS_OF_ROLE.router).names).toEqual([
    ...common,
    "install iptables, conntrack, iproute2, nftables",
    "write /etc/sysctl.d/60-greenleaf.conf",
    "write and enable greenleaf-agent.service",
    "make 0.2.0 the current agent",
  ]);
  expect(planned("amazon", { agent }, GROUPS_OF_ROLE.router).names[2]).toBe(
    "install iptables-nft, conntrack-tools, iproute, nftables",
  );
});

test("an older agent installs nothing of its own either", () => {
  const older = { ...agent, current: "0.3.0", installed: new Map([["0.3.0", "3".repeat(64)]]) };
  expect(planned("trixie", { agent: older }, GROUPS_OF_ROLE.app)).toMatchObject({ names: [], notes: [] });
});

test("units are enabled where systemd is only installed, as in a machine that becomes an image", () => {
  const image = { systemd: false, programs: new Set(["systemctl"]), sysctls: SYSCTLS };
  expect(planned("trixie", image, ["system", "units"]).names).toEqual(["write and enable greenleaf-agent.service"]);
});

test("a stock router of 512 MB gets swap before dnf reads a list, and gives it back after the packages", () => {
  const small = { meminfo: "MemTotal:  436000 kB\nSwapTotal: 0 kB\n" };
  expect(planned("amazon", small, ["router"]).names).toEqual([
    "swap on /var/lib/greenleaf/install.swap, 1024 MB",
    "refresh the package lists",
    "install iptables-nft, conntrack-tools, iproute, nftables",
    "remove /var/lib/greenleaf/install.swap",
  ]);
  expect(planned("amazon", small, ["units"]).names.join()).not.toContain("swap");
  expect(planned("trixie", small, ["router"]).names.join()).not.toContain("swap");
});
