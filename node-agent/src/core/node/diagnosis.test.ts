import { expect, test } from "vitest";
import { diagnose, exitCodeOfChecks, type Findings } from "./diagnosis.ts";

const WELL: Findings = {
  root: true,
  engine: { version: "26.1", api: "1.45" },
  missing: [],
  spaces: [{ path: "/", freeBytes: 50e9, freeInodes: 1e6 }],
  memory: { totalBytes: 4e9, availableBytes: 3e9 },
  clockSynchronised: true,
  document: { role: "app", release: "ssm:/greenleaf/prod/release" },
  templates: { names: ["backend.env.hbs"], problems: [] },
  modes: [{ path: "/run/greenleaf/backend.env", mode: 0o600, owner: "root", widest: 0o600 }],
  environmentOnTmpfs: true,
  ports: [{ port: 8080, what: "caddy", holder: "docker-proxy", expected: true }],
  names: [{ host: "ssm.eu-west-3.amazonaws.com", resolves: true }],
  daemon: {},
  verdict: "ready",
};

test("a node that is well has nothing to fix", () => {
  const checks = diagnose(WELL);
  expect(checks.filter(({ level, fix }) => level !== "ok" || fix !== undefined)).toEqual([]);
  expect(exitCodeOfChecks(checks)).toBe(0);
});

test.each<[string, "warn" | "fail", Partial<Findings>]>([
  ["user: not root: files of others and the engine may be hidden", "warn", { root: false }],
  ["node: role: unknown; region: missing", "fail", { document: { problems: ["role: unknown", "region: missing"] } }],
  ["engine: it does not answer", "fail", { engine: { problem: "it does not answer" } }],
  ["engine: Docker 19.3, API 1.40 is too old", "fail", { engine: { version: "19.3", api: "1.40" } }],
  ["disk: 0.5 GB free on /", "fail", { spaces: [{ path: "/", freeBytes: 5e8, freeInodes: 1e6 }] }],
  ["disk: 3.0 GB free on /", "warn", { spaces: [{ path: "/", freeBytes: 3e9, freeInodes: 1e6 }] }],
  ["disk: 10 inodes left on /", "warn", { spaces: [{ path: "/", freeBytes: 9e9, freeInodes: 10 }] }],
  ["memory: 0.1 GB of 0.5 GB available", "fail", { memory: { totalBytes: 5e8, availableBytes: 1e8 } }],
  ["memory: 0.1 GB of 1.0 GB available", "warn", { memory: { totalBytes: 1e9, availableBytes: 1e8 } }],
  ["clock: not synchronised: AWS refuses signatures that are 5 minutes off", "warn", { clockSynchronised: false }],
  ["dns: x does not resolve", "fail", { names: [{ host: "x", resolves: false }] }],
  ["templates: no release was accepted yet", "warn", { templates: undefined }],
  ["templates: line 3", "fail", { templates: { names: [], problems: ["line 3"] } }],
  ["modes: /a is 640 of root", "fail", { modes: [{ path: "/a", mode: 0o640, owner: "root", widest: 0o600 }] }],
  ["modes: /a is 600 of ada", "fail", { modes: [{ path: "/a", mode: 0o600, owner: "ada", widest: 0o600 }] }],
  ["tmpfs: the .env files are not on tmpfs: secrets reach the disk", "warn", { environmentOnTmpfs: false }],
  [
    "port: 8080 is wanted by caddy and used by nginx (process 7)",
    "fail",
    { ports: [{ port: 8080, what: "caddy", holder: "nginx (process 7)", expected: false }] },
  ],
  ["agent: the daemon does not run", "warn", { daemon: undefined }],
  ["agent: backend is missing", "fail", { daemon: { reason: "backend is missing" } }],
  ["boot: this node never booted", "warn", { verdict: undefined }],
  ["boot: verdict failed", "warn", { verdict: "failed" }],
])("%s", (line, level, changes) => {
  const checks = diagnose({ ...WELL, ...changes });
  const found = checks.filter((check) => check.level !== "ok");
  expect(found.map((check) => `${check.name}: ${check.found}`)).toEqual([line]);
  expect(found[0]?.level).toBe(level);
  expect(found[0]?.fix).toBeTruthy();
  expect(exitCodeOfChecks(checks)).toBe(level === "fail" ? 78 : 2);
});

const ROUTER: Findings = {
  ...WELL,
  document: { role: "router", release: "ssm:/greenleaf/prod/release" },
  engine: { problem: "no engine answers" },
  templates: undefined,
};

test("a router is asked for no engine and no templates", () => {
  expect(exitCodeOfChecks(diagnose(ROUTER))).toBe(0);
});

test("a router without a program that it calls is told which, and how to get it", () => {
  const checks = diagnose({ ...ROUTER, missing: ["tc", "nft"] });
  expect(checks.filter(({ level }) => level !== "ok")).toEqual([
    { name: "programs", level: "fail", found: "not installed: tc, nft", fix: "greenleaf-agent install --role router" },
  ]);
});
