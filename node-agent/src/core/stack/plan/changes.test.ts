import { expect, test } from "vitest";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { type ContainerBody, containerSpec } from "../compose/container-body.ts";
import type { PlainMap } from "../compose/read/plain.ts";
import { changesOf } from "./changes.ts";

const BASE = {
  image: "x",
  command: ["run"],
  mem_limit: "67108864",
  healthcheck: { test: ["CMD", "check"], interval: "2s" },
  volumes: [{ type: "bind", source: "/m/one", target: "/etc/caddy", read_only: true }],
};
function bodyOf(more: PlainMap, environment: Readonly<Record<string, string>> = { TITLE: "a", TOKEN: "canary-1" }) {
  const stack = stackFrom({ services: { web: { ...BASE, ...more } } });
  const [service] = stack.services;
  if (service === undefined) throw new Error("no service");
  const resolved = { imageId: "i", environment: new Map(Object.entries(environment)), digest: String };
  return containerSpec(stack, service, resolved).body;
}
/** As an engine gives a container back: with what the image and the engine itself add. */
const made = ({ HostConfig, ...config }: ContainerBody) => ({
  config: { ...config, Env: [...config.Env, "PATH=/bin"], Hostname: "0123" },
  host: { ...HostConfig, Isolation: "", CpuShares: 0 },
});
const OLD = made(bodyOf({}));

test.each<[string | undefined, PlainMap, Record<string, string>?]>([
  [undefined, {}],
  ["image", { image: "y" }],
  ["environment TOKEN", {}, { TITLE: "a", TOKEN: "canary-2" }],
  ["environment NEW", {}, { TITLE: "a", TOKEN: "canary-1", NEW: "n" }],
  ["mount /etc/caddy", { volumes: [{ type: "bind", source: "/m/two", target: "/etc/caddy", read_only: true }] }],
  ["command", { command: ["run", "more"] }],
  ["healthcheck, mem_limit", { mem_limit: "68157440", healthcheck: { test: ["CMD", "check"], interval: "3s" } }],
])("what changed is named by its key: %s", (expected, more, environment) => {
  expect(changesOf(OLD, bodyOf(more, environment))).toBe(expected);
});

test("of many variables some are named, and no value is", () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`K${index}`, "canary"]));
  expect(changesOf(OLD, bodyOf({}, many))).toBe("environment K0 K1 K2 K3 K4 K5 and 3 more");
});
