import { expect, test } from "vitest";
import { distributionOf, parseRelease } from "./install-distributions.ts";
import { GROUPS, type Group, type InstallFacts, planInstall } from "./install-plan.ts";

const OS: Readonly<Record<string, string>> = {
  bookworm: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
  trixie: 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n',
  sid: 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n',
  noble: 'PRETTY_NAME="Ubuntu 24.04 LTS"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n',
  amazon: 'NAME="Amazon Linux"\nVERSION_ID="2023"\nID="amzn"\nPRETTY_NAME="Amazon Linux 2023"\n',
  alpine: "ID=alpine\nVERSION_ID=3.22\nPRETTY_NAME='Alpine Linux v3.22'\n",
};

function planned(os: string, changes: Partial<InstallFacts> = {}, groups: readonly Group[] = GROUPS) {
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
    units: new Map([["greenleaf-agent.service", "text"]]),
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
    notes: ["systemd does not run here: the agent's units are left out"],
  });
});

test("an unknown distribution is refused with what to do", () => {
  expect(() => planned("alpine")).toThrow(
    expect.objectContaining({ exitCode: 69, message: "install: Alpine Linux v3.22 is not supported" }),
  );
  expect(() => distributionOf(parseRelease(undefined))).toThrow("install: unknown is not supported");
});
