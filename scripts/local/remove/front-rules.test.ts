import { expect, test } from "vitest";
import { ConfigurationError, PermissionError, TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { memoryKernel } from "../../../tests/support/memory-kernel.ts";
import { removeFrontRules } from "./front-rules.ts";

const rule = (project: string) =>
  `-p tcp -m tcp --dport 8080 -m comment --comment "greenleaf: ${project}/caddy is served by abc" -j DNAT --to-destination :1`;

test("rules that a killed replacement of Caddy left go with their project, and no others", async () => {
  const kernel = memoryKernel();
  kernel.rules.set("nat", new Map([["OUTPUT", [rule("shop"), "-j DOCKER", rule("shop-two")]]]));
  await removeFrontRules("shop", kernel.iptables);
  await removeFrontRules("shop", kernel.iptables);
  expect(kernel.rules.get("nat")?.get("OUTPUT")).toEqual(["-j DOCKER", rule("shop-two")]);
  expect(kernel.calls).toEqual(["restore ipv4"]);
});

test("a machine without iptables has none", async () => {
  const save = () =>
    Promise.reject(new ConfigurationError("not installed", { code: "nat.iptables-missing", why: "", fix: "" }));
  await expect(removeFrontRules("shop", { save, restore: async () => undefined })).resolves.toBeUndefined();
});

test("rules that cannot be looked for are no rules that are gone: whoever runs down is told", async () => {
  const busy = new TemporaryError("iptables is busy", { code: "program.deadline", why: "", fix: "" });
  const denied = new PermissionError("iptables is refused", { code: "program.denied", why: "", fix: "" });
  for (const failure of [busy, denied]) {
    const save = () => Promise.reject(failure);
    await expect(removeFrontRules("shop", { save, restore: async () => undefined })).rejects.toBe(failure);
  }
  const kernel = memoryKernel();
  kernel.rules.set("nat", new Map([["OUTPUT", [rule("shop")]]]));
  const restore = () => Promise.reject(busy);
  await expect(removeFrontRules("shop", { ...kernel.iptables, restore })).rejects.toBe(busy);
});
