import { expect, test } from "vitest";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { sha256 } from "../../../base/digest.ts";
import { containerSpec } from "./container-body.ts";
import { resolveEnvironments } from "./env/environment.ts";
import { stackOf } from "./load-stack.ts";
import type { PlainMap } from "./read/plain.ts";

const digest = (text: string): string => `${text.length}`.padStart(64, "0");
const hashOf = (image: string, imageId?: string, environment = new Map([["A", "1"]])): string => {
  const stack = stackFrom({ services: { web: { image } } }, "/srv/shop/docker-compose.yml");
  return containerSpec(stack, stack.services[0]!, { imageId, environment, digest: (hashed) => hashed }).hash;
};

test("a stack keeps what its services use, under the names that Compose gave it", () => {
  const stack = stackFrom({ services: { web: { image: "x" } }, volumes: { unused: { name: "gl_unused" } } });
  expect(stack).toMatchObject({ project: "gl", folder: "/srv", volumes: [] });
  expect(stack.networks.map(({ key, name }) => [key, name])).toEqual([["default", "gl_default"]]);
  expect(containerSpec(stack, stack.services[0]!, { imageId: "i", environment: new Map(), digest }).name).toBe(
    "gl-web-1",
  );
});

test("the hash changes with the image of a tag and the environment, not with where the file lies", () => {
  const pinned = `r@sha256:${"0".repeat(64)}`;
  expect(hashOf("x", "sha256:a")).not.toBe(hashOf("x", "sha256:b"));
  expect(hashOf(pinned, "sha256:a")).toBe(hashOf(pinned));
  expect(hashOf("x", "sha256:a")).not.toBe(hashOf("x", "sha256:a", new Map([["A", "2"]])));
  expect(hashOf("x", "sha256:a")).not.toContain("/srv/shop");
});

test("a service that an agent with the reader before this one started keeps its container", () => {
  const storefront = {
    image: `s@sha256:${"2".repeat(64)}`,
    restart: "always",
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    logging: { driver: "json-file", options: { "max-file": "3", "max-size": "10m" } },
    tmpfs: ["/tmp:mode=1777,size=64m"],
    mem_limit: "268435456",
    healthcheck: { interval: "2s", timeout: "3s", retries: 3, start_period: "2m0s" },
    stop_grace_period: "15s",
  };
  const stack = stackFrom({ services: { storefront }, networks: { default: { name: "greenleaf" } } });
  const resolved = { imageId: "i", environment: new Map<string, string>(), digest: sha256 };
  expect(containerSpec(stack, stack.services[0]!, resolved).hash).toBe(
    "v1:26b7cf87b80ff713ae34bfb5e611c06cbc2a5729f6cc1ea1dd84438394ab79f2",
  );
});

test("no label of a container holds a value of its environment", () => {
  const stack = stackFrom({ services: { web: { image: "x" } } });
  const environment = new Map([["TOKEN", "hunter2"]]);
  const { body } = containerSpec(stack, stack.services[0]!, { imageId: "i", environment, digest });
  expect(JSON.stringify(body.Labels)).not.toContain("hunter2");
});

test("env files are read in order, environment wins, and a missing one is told by its path", () => {
  const stack = stackFrom({
    services: { web: { image: "x", environment: { C: "3", GIVEN: null } } },
    "x-greenleaf": { services: { web: { env_file: ["a.env", "b.env"] } } },
  });
  const contents = new Map([
    ["/srv/a.env", "A=1\nB=1\n"],
    ["/srv/b.env", "B=${A}2\nC=2\n"],
  ]);
  const variables = (name: string) => (name === "GIVEN" ? "given" : undefined);
  const environment = resolveEnvironments(stack, contents, variables).get("web");
  expect(Object.fromEntries(environment!)).toEqual({ A: "1", B: "12", C: "3", GIVEN: "given" });
  expect(() => resolveEnvironments(stack, new Map(), variables)).toThrow("the env files of /srv/docker-compose.yml");
});

const problemsOf = (service: PlainMap, more: PlainMap = {}): string[] => {
  const model = { ...more, services: { web: { image: "x", ...service } } };
  const { problems } = stackOf(model, { path: "/srv/docker-compose.yml", project: "gl" });
  return problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

const mount = (target: string, source = "") => ({ type: "volume", source, target });
const port = (host_ip: string) => ({ ports: [{ target: 80, published: "80", protocol: "tcp", host_ip }] });

const published = (target: number, host_ip = "") => ({ target, published: "80", protocol: "tcp", host_ip });

const NETWORKS = { default: {}, outer: { ipam: { config: [{ subnet: "10.8.0.0/24" }] } } };

test.each(["10.8.0.0", "10.8.0.255"])("%s is an address of its network", (ipv4_address) => {
  expect(problemsOf({ networks: { outer: { ipv4_address } } }, { networks: NETWORKS })).toEqual([]);
});

test.each([
  [{ volumes: [mount("/data", "a"), mount("/data/", "b")] }, "volumes.1: two mounts lie on /data"],
  [{ volumes: [mount("/x/../data", "a"), mount("/data", "b")] }, "volumes.1: two mounts lie on /data"],
  [{ volumes: [mount("/data", "a")], tmpfs: ["/data/:size=1m"] }, "tmpfs.0: two mounts lie on /data"],
  [{ volumes: [mount("//")] }, 'volumes.0: "//" would hide the whole image'],
  [{ volumes: [{ type: "bind", source: "/srv/~/x", target: "/y" }] }, "volumes.0: ~ stands for nobody's home"],
  [{ tmpfs: ["/t:sise=1m"] }, 'tmpfs.0: "sise=1m" is not an option'],
  [port("localhost"), 'ports.0: "localhost" is not an IP address'],
  [port("127.0.0.01"), 'ports.0: "127.0.0.01" is not an IP address'],
  [port("256.0.0.1"), 'ports.0: "256.0.0.1" is not an IP address'],
  [port("10.0.0.0/24"), 'ports.0: "10.0.0.0/24" is not an IP address'],
  [port("::g"), 'ports.0: "::g" is not an IP address'],
  [{ ports: [published(80), published(81)] }, "ports: port 80/tcp is published twice by this service"],
  [{ ports: [published(80), published(80, "127.0.0.1")] }, "ports: port 80/tcp is published twice"],
  [{ ports: [published(80, "::1"), published(81, "::")] }, "ports: port 80/tcp is published twice"],
  [{ extra_hosts: ["db=10.0.0.999"] }, 'extra_hosts.0: "10.0.0.999" is not an IP address'],
  [{ dns: ["one.one"] }, 'dns.0: "one.one" is not an IP address'],
  [{ networks: { default: { ipv4_address: "10.0.0.999" } } }, 'ipv4_address: "10.0.0.999" is not an IPv4 address'],
  [{ networks: { default: { ipv4_address: "10.8.0.9" } } }, 'networks.default: "10.8.0.9" is in no subnet of network'],
  [{ networks: { outer: { ipv4_address: "10.8.1.9" } } }, 'networks.outer: "10.8.1.9" is in no subnet of network'],
  [{ networks: { outer: { ipv6_address: "fd00::9" } } }, 'networks.outer: "fd00::9" is in no subnet of network'],
  [{ environment: { A: "x\0y" } }, "environment.A: a NUL cannot be part of a variable"],
  [{ cap_add: ["NET_ADMN"] }, 'cap_add.0: "NET_ADMN" is not a capability'],
  [{ cap_drop: ["CAP_NOTHING"] }, 'cap_drop.0: "CAP_NOTHING" is not a capability'],
  [{ stop_signal: "SIGQIT" }, 'stop_signal: "SIGQIT" is not a signal'],
  [{ stop_signal: "65" }, 'stop_signal: "65" is not a signal'],
  [{ logging: { driver: "jsonfile" } }, 'logging.driver: "jsonfile" is not one of'],
  [{ logging: { driver: "json-file", options: { "max-sise": "1m" } } }, "max-sise: is not an option"],
  [{ logging: { driver: "local", options: { "max-file": "0" } } }, 'max-file: "0" is no value'],
  [{ sysctls: { "vm.swappiness": "1" } }, "vm.swappiness: is not a setting of a container"],
  [{ sysctls: { "net.ipv4/../../vm.swappiness": "1" } }, "vm.swappiness: is not a setting of a container"],
  [{ stop_grace_period: "99999h0m0s" }, "stop_grace_period: is more than 240s"],
  [{ user: "no body" }, 'user: "no body" is not UID[:GID] or names'],
  [{ user: "1000:" }, 'user: "1000:" is not UID[:GID] or names'],
  [{ healthcheck: { test: ["CMD", "x"], interval: "1µs" } }, 'interval: "1µs" is shorter than 1ms'],
  [{ healthcheck: { retries: -1 } }, "retries: -1 is below 0"],
  [{ mem_limit: "1048576" }, "mem_limit: 1048576 bytes are less"],
  [{ mem_limit: "8388608", mem_reservation: "9388608" }, "mem_reservation: is more than"],
  [{ memswap_limit: "8388608" }, "memswap_limit: needs a mem_limit"],
  [{ cpus: 0.001 }, "cpus: 0.001 is below 0.01"],
  [{ oom_score_adj: 1001 }, "oom_score_adj: 1001 is not between"],
  [{ ulimits: { nofiles: 5 } }, "nofiles: is not one of"],
  [{ ulimits: { nofile: { soft: 5, hard: 4 } } }, "nofile: soft is more than hard"],
  [{ security_opt: ["no-new-priviliges"] }, 'security_opt.0: "no-new-priviliges" is not a security option'],
  [{ working_dir: "app" }, 'working_dir: "app" is not an absolute path'],
  [{ hostname: "a b" }, 'hostname: "a b" is not a name of a host'],
  [{ cpuset: "0-" }, 'cpuset: "0-" is not processors'],
  [{ group_add: ["a b"] }, 'group_add.0: "a b" is not a group'],
  [{ environment: { "": "x" } }, "environment.: a variable needs a name"],
  [{ platform: "Linux amd64" }, 'platform: "Linux amd64" is not a platform'],
  [{ privileged: true }, "privileged: is not supported"],
  [{ image: "" }, "image: a service needs an image"],
])("%o is refused before the engine is asked", (service, problem) => {
  const problems = problemsOf(service as PlainMap, { networks: NETWORKS });
  expect(problems.join("\n")).toContain(problem);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^services\.web\./);
});

test.each([
  [{ "a/b": { driver_opts: { sise: "1" }, name: "a" } }, "volumes", "driver local takes"],
  [{ a: { ipam: { config: [{ subnet: "10.0.0.0/33" }] }, name: "a" } }, "networks", "is not a subnet"],
  [{ a: { ipam: { config: [{ gateway: "10.0.0.0/8" }] }, name: "a" } }, "networks", "is not an IP address"],
  [{ a: { ipam: { driver: "dhcp" }, name: "a" } }, "networks", "use default"],
])("%o is refused among %s", (members, kind, problem) => {
  expect(problemsOf({}, { [kind]: members as unknown as PlainMap }).join("\n")).toContain(problem);
});

test.each([
  [port("127.0.0.1"), port("0.0.0.0"), true],
  [port("127.0.0.1"), port(""), true],
  [port("127.0.0.1"), port("127.0.0.2"), false],
  [port("0.0.0.0"), port("::1"), false],
])("%o and %o share a port: %s", (web, api, expected) => {
  const model = { services: { api: { image: "x", ...api }, web: { image: "x", ...web } } };
  const { problems } = stackOf(model, { path: "/srv/docker-compose.yml", project: "gl" });
  expect(problems.length > 0).toBe(expected);
});

test("a slash at the end of a mount's path is no part of it", () => {
  const stack = stackFrom({ services: { web: { image: "x", volumes: [mount("/anon/")], tmpfs: ["/t//x/"] } } });
  expect(stack.services[0]?.mounts[0]?.target).toBe("/anon");
  expect(stack.services[0]?.host["Tmpfs"]).toEqual({ "/t//x/": "" });
});
