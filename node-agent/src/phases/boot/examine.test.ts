import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { filesBelow } from "../../base/files.ts";
import { realWorld, type World } from "../../world.ts";
import { examine } from "./examine.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "greenleaf-examine-"))));
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** A machine of nothing but what was put below the root, on which every program that is run says nothing. */
const worldOf = (): World => ({
  ...realWorld({ root }),
  machine: filesBelow(root),
  exec: async () => ({ code: 0, stdout: "", stderr: "" }),
  ports: { holderOf: async () => undefined },
});

function beA(role: "app" | "router"): void {
  const node = { version: 1, project: "greenleaf", environment: "prod", role, parameters: "/greenleaf/prod" };
  const place = { release: "ssm:/greenleaf/prod/release", region: "eu-west-3" };
  const router = { vpc: ["10.0.0.0/16"], zones: [{ name: "a", sources: ["10.0.10.0/24"] }] };
  put("etc/greenleaf/node.json", JSON.stringify({ ...node, ...place, ...(role === "router" ? { router } : {}) }));
}
const missing = async () => (await examine(worldOf(), { daemon: undefined, agentPort: 1 })).missing;

test("a router's programs are looked for where its unit finds them", async () => {
  beA("router");
  expect(await missing()).toEqual(["iptables-save", "iptables-restore", "conntrack", "ip", "tc", "nft"]);
  for (const name of ["sbin/ip", "usr/sbin/iptables-save", "usr/local/sbin/conntrack", "usr/bin/iptables-restore"])
    put(name, "");
  put("home/anna/bin/nft", "");
  expect(await missing()).toEqual(["tc", "nft"]);
  for (const name of ["tc", "nft"]) put(`usr/sbin/${name}`, "");
  expect(await missing()).toEqual([]);
});

test("an app node is asked for none of them", async () => {
  beA("app");
  expect(await missing()).toEqual([]);
});
