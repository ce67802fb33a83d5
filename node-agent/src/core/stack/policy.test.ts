import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasCompose, noCompose } from "../../../../tests/support/has-compose.ts";
import { loadStack } from "../../phases/stack/compose-model.ts";
import { realWorld } from "../../world.ts";
import type { Mount, Service, Stack } from "./compose/stack.ts";
import { policyProblems, type StackPolicy } from "./policy.ts";

const IMAGE = `registry.example/greenleaf/backend@sha256:${"a".repeat(64)}`;
const LOCAL = `sha256:${"b".repeat(64)}`;
const POLICY: StackPolicy = {
  project: "gl",
  networks: ["greenleaf-local"],
  images: [IMAGE, LOCAL],
  readable: ["/run/greenleaf/agent", "/var/lib/greenleaf/releases/one"],
  writable: ["/srv/marks"],
  environment: ["/run/greenleaf", "/var/lib/greenleaf/releases/one"],
};

const SERVICE: Service = {
  name: "extra",
  image: IMAGE,
  pullPolicy: "missing",
  dependsOn: [],
  envFiles: [],
  environment: new Map(),
  labels: {},
  networks: [],
  ports: [],
  expose: [],
  mounts: [],
  update: { order: "stop-first", monitorMs: 0 },
  config: {},
  host: {},
};

const stackOf = (service: Partial<Service>, more: Partial<Stack> = {}): Stack => ({
  project: "gl",
  file: "/x/docker-compose.yml",
  folder: "/x",
  services: [{ ...SERVICE, ...service }],
  networks: [],
  volumes: [],
  ...more,
});
const problemsOf = (service: Partial<Service>, more?: Partial<Stack>): string[] =>
  policyProblems(stackOf(service, more), POLICY);
const bind = (source: string, readOnly = true): Mount => ({ type: "bind", source, target: "/x", readOnly });

const silent = { redact: (text: string) => text, remark: () => undefined };

test.runIf(hasCompose)(
  `the stack of this checkout may run, with images by digest and with images of this machine${noCompose}`,
  async () => {
    const path = join(import.meta.dirname, "../../../../compose/docker-compose.yml");
    for (const image of [IMAGE, LOCAL]) {
      const variables: Readonly<Record<string, string>> = {
        GREENLEAF_PROJECT: "gl",
        GREENLEAF_STACK: "/var/lib/greenleaf/releases/one",
        GREENLEAF_IMAGE_CADDY: image,
        GREENLEAF_IMAGE_BACKEND: image,
        GREENLEAF_IMAGE_STOREFRONT: image,
      };
      const file = {
        text: readFileSync(path, "utf8"),
        path,
        project: "gl",
        variables: (name: string) => variables[name],
      };
      const stack = await loadStack(realWorld({ root: "/" }), file, silent);
      expect(policyProblems(stack, POLICY)).toEqual([]);
    }
  },
);

test("an image that is not the release's is refused, pinned or not", () => {
  for (const image of ["127.0.0.1:8599/anything:latest", "caddy", "", `caddy@sha256:${"c".repeat(64)}`, `${IMAGE}0`])
    expect(problemsOf({ image }), image).toEqual([expect.stringMatching(/^services\.extra\.image: /)]);
  expect(problemsOf({ image: "caddy:2" })[0]).toContain("is a tag");
  expect(problemsOf({ image: LOCAL })).toEqual([]);
});

test("root is refused in every way the engine reads it", () => {
  for (const User of ["root", "0", "0:0", "00", "+0", "-0", "0:10001", "10001:0", "10001:root", "root:root"])
    expect(problemsOf({ config: { User } }), User).toEqual([expect.stringMatching(/^services\.extra\.user: .*root/)]);
  for (const User of ["10001", "10001:10001", "node", ""]) expect(problemsOf({ config: { User } }), User).toEqual([]);
});

test("a host path outside the list is refused, however it is written", () => {
  for (const source of ["/", "/run", "/run/greenleaf", "/run/greenleaf/backend.env", "/run/greenleaf/agent/../../etc"])
    expect(problemsOf({ mounts: [bind(source)] }), source).toEqual([expect.stringContaining("volumes: host path")]);
  for (const source of ["/run/greenleaf/agent", "//run/./greenleaf/agent/", "/var/lib/greenleaf/releases/one/caddy"])
    expect(problemsOf({ mounts: [bind(source)] }), source).toEqual([]);
  expect(problemsOf({ mounts: [bind("/var/lib/greenleaf/releases/one-more")] })).toHaveLength(1);
});

test("what a release may see it may not write; what the node document names it may", () => {
  expect(problemsOf({ mounts: [bind("/run/greenleaf/agent", false)] })).toEqual([
    "services.extra.volumes: /run/greenleaf/agent must be read-only (:ro)",
  ]);
  expect(problemsOf({ mounts: [bind("/srv/marks/day", false)] })).toEqual([]);
});

test("a node document cannot hand out the machine itself", () => {
  for (const folder of ["/", "/etc", "/etc/greenleaf", "/var/lib", "/proc/1", "/dev"]) {
    const policy = { ...POLICY, writable: [folder] };
    expect(policyProblems(stackOf({ mounts: [bind(folder)] }), policy), folder).toHaveLength(1);
  }
});

test("the engine's socket is called by its name", () => {
  for (const source of ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"])
    expect(problemsOf({ mounts: [bind(source)] }), source).toEqual([expect.stringContaining("the engine's socket")]);
});

test("an env file of the machine is no env file of a release", () => {
  const envFile = (path: string) => ({ envFiles: [{ path, required: false, format: "raw" as const }] });
  expect(problemsOf(envFile("/etc/shadow"))).toEqual([expect.stringContaining("env_file: host path /etc/shadow")]);
  expect(problemsOf(envFile("/run/greenleaf/backend.env"))).toEqual([]);
});

test("capabilities, profiles and root's group are refused by name", () => {
  const host = {
    CapAdd: ["SYS_ADMIN", "CAP_NET_BIND_SERVICE", "ALL"],
    SecurityOpt: ["no-new-privileges:true", "seccomp:unconfined", "apparmor=unconfined", "no-new-privileges:false"],
    GroupAdd: ["0", "10001"],
  };
  expect(problemsOf({ host }).map((problem) => problem.split(" ").slice(0, 2).join(" "))).toEqual([
    "services.extra.cap_add: SYS_ADMIN",
    "services.extra.cap_add: ALL",
    "services.extra.security_opt: seccomp:unconfined",
    "services.extra.security_opt: apparmor=unconfined",
    "services.extra.security_opt: no-new-privileges:false",
    'services.extra.group_add: "0"',
  ]);
});

test("whatever else of the engine's host configuration reaches the machine is refused without being known", () => {
  for (const key of ["Privileged", "PidMode", "IpcMode", "UsernsMode", "Devices", "CgroupParent", "Runtime", "NewKey"])
    expect(problemsOf({ host: { [key]: "host" } }), key).toHaveLength(1);
});

test("neither the machine's network nor somebody else's volume is a release's", () => {
  const network = { key: "n", name: "n", external: false, driver: "", internal: false, attachable: false, ipv6: false };
  const rest = { options: {}, labels: {} };
  const of = (more: object) => ({ ...network, ...rest, ipam: { Config: [] }, ...more });
  const volume = { key: "v", name: "gl_v", external: false, driver: "", ...rest };
  const problems = (more: Partial<Stack>) => problemsOf({}, more);
  expect(problems({ networks: [of({}), of({ external: true, name: "greenleaf-local", driver: "bridge" })] })).toEqual(
    [],
  );
  for (const more of [{ external: true, name: "host" }, { driver: "macvlan" }, { name: "container:x" }])
    expect(problems({ networks: [of(more)] }), JSON.stringify(more)).toHaveLength(1);
  expect(problems({ volumes: [volume] })).toEqual([]);
  for (const more of [{ external: true }, { driver: "nfs" }, { options: { type: "none", o: "bind", device: "/" } }])
    expect(problems({ volumes: [{ ...volume, ...more }] }), JSON.stringify(more)).toHaveLength(1);
});

test("a stack that calls itself another project is refused: that one's containers would be its own", () => {
  expect(problemsOf({}, { project: "strangershop" })).toEqual([
    "name: strangershop is another project; this node's is gl",
  ]);
});

test("a network takes nobody's addresses, bridge or containers", () => {
  const own = { key: "n", name: "gl_n", external: false, driver: "", internal: false, attachable: false, ipv6: true };
  const of = (more: object) => ({ ...own, options: {}, labels: {}, ipam: { Config: [] }, ...more });
  const range = (Subnet: string) => of({ ipam: { Config: [{ Subnet }] } });
  const told = (network: ReturnType<typeof of>) => problemsOf({}, { networks: [network] });
  for (const subnet of ["10.0.0.0/8", "10.9.0.0/24", "172.31.0.0/16", "192.168.1.0/24", "fd12:3456:789a:1::/64"])
    expect(told(range(subnet)), subnet).toEqual([]);
  const foreign = [
    "169.254.169.0/24",
    "52.0.0.0/8",
    "127.0.0.0/8",
    "0.0.0.0/1",
    "10.0.0.0/7",
    "172.16.0.0/11",
    "224.0.0.0/8",
  ];
  for (const subnet of [
    ...foreign,
    "fd00:ec2::/64",
    "FD00:0EC2:0:1::/64",
    "fd00::/8",
    "fe80::/64",
    "2001:db8::/64",
    "::/0",
  ])
    expect(told(range(subnet)), subnet).toEqual([expect.stringContaining(`networks.n: ${subnet} would take`)]);
  for (const name of ["strangershop_default", "bridge"])
    expect(told(of({ external: true, name })), name).toEqual([
      expect.stringContaining("the node document names no such"),
    ]);
  const named = { "com.docker.network.bridge.name": "docker0", "com.docker.network.driver.mtu": "1400" };
  expect(told(of({ options: named }))).toEqual([expect.stringContaining("option com.docker.network.bridge.name")]);
});

test("a log goes to no socket or file of the machine, and no service outlives the agent", () => {
  const log = (Config: object, Type = "syslog") => problemsOf({ host: { LogConfig: { Type, Config } } });
  for (const address of ["unix:///var/run/docker.sock", " UNIXGRAM:///dev/log", "/etc/shadow"])
    expect(log({ "syslog-address": address }), address).toHaveLength(1);
  expect(log({ "syslog-address": "tcp+tls://logs.example:6514", "max-size": "10m" })).toEqual([]);
  expect(log({ "max-size": "10m", "max-file": "3" }, "json-file")).toEqual([]);
  expect(problemsOf({ host: { OomScoreAdj: -1 } })).toEqual(["services.extra.oom_score_adj: -1 is below 0"]);
  expect(problemsOf({ host: { OomScoreAdj: 500 } })).toEqual([]);
});

test("every problem of every service is told at once", () => {
  const stack = stackOf({ image: "a:1", config: { User: "0" } });
  const two = { ...stack, services: [...stack.services, { ...SERVICE, name: "other", mounts: [bind("/")] }] };
  expect(policyProblems(two, POLICY)).toHaveLength(3);
});
