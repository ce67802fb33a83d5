import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootingStatus, finishedStatus } from "../../core/node/status/status.ts";

const MAIN = join(import.meta.dirname, "../../main.ts");
const LINE = '{"logger":"http.log.access","request":{"uri":"/"},"status":500,"duration":0.02}\n';

test("a node counts its front's log from standard input, and says what it runs", () => {
  const root = mkdtempSync(join(tmpdir(), "gl-traffic-"));
  try {
    const count = (input: string): unknown =>
      JSON.parse(execFileSync(process.execPath, [MAIN, "traffic", "--root", root], { encoding: "utf8", input }));
    expect(count("")).toEqual({ requests: 0, errors: 0 });
    mkdirSync(join(root, "var/lib/greenleaf"), { recursive: true });
    const booting = bootingStatus(undefined, { agent: "0", at: new Date() });
    const status = finishedStatus(booting, {
      verdict: "ready",
      release: "two",
      results: [],
      services: [],
      at: new Date(),
    });
    writeFileSync(join(root, "var/lib/greenleaf/status.json"), JSON.stringify(status));
    expect(count(LINE.repeat(3))).toEqual({ verdict: "ready", release: "two", requests: 3, errors: 3, p99Ms: 21 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("boot takes its release from a parameter only", () => {
  for (const source of ["file:///release.json", "ssm:", "/greenleaf/prod/canary"]) {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "boot", "--release", source], { encoding: "utf8" });
    expect(stderr).toContain(`--release ${source} is no parameter`);
    expect(status).toBe(64);
  }
});
