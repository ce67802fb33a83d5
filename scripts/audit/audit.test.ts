import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { IMAGES } from "../audit.ts";
import { offersIn, offersOf, outdated, recordedPackages } from "./debian-packages.ts";
import { compareVersions } from "./debian-version.ts";
import { LOCK_FILES, lockedPackages, packagesIn } from "./lock-files.ts";
import { askAdvisories, judge, type KeptDeprecated } from "./npm.ts";
import { part, reportText, verdictOf } from "./report.ts";
import { judgeIssues, securityTracker } from "./security-tracker.ts";

const cleanups: Array<() => void> = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

async function serving(status: number, body: string): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const hasApt = spawnSync("apt-get", ["--version"]).status === 0;

const record = (name: string, version: string, image = "caddy") => ({ image, name, version, architecture: "amd64" });

test("every image there is a recipe for is asked about", () => {
  const bake = readFileSync(join(import.meta.dirname, "../../images/docker-bake.hcl"), "utf8");
  const targets = [...bake.matchAll(/^target "([a-z]+)"/gm)].map(([, name]) => name);
  // The toolchain is never shipped.
  expect(IMAGES).toEqual(targets.filter((name) => name !== "build"));
});

test("versions compare as dpkg compares them", () => {
  const inOrder = [
    "1~rc1-1",
    "1",
    "1-1",
    "1.2~bpo13+1",
    "1.2",
    "1.2-1",
    "1.2-1+b1",
    "1.2-1+deb13u1",
    "1.10-1",
    "2:0.1",
  ];
  for (const [index, version] of inOrder.entries()) {
    expect(compareVersions(version, version)).toBe(0);
    for (const later of inOrder.slice(index + 1)) {
      expect(compareVersions(version, later), `${version} < ${later}`).toBeLessThan(0);
      expect(compareVersions(later, version), `${later} > ${version}`).toBeGreaterThan(0);
    }
  }
});

test("a package older than the newest of any suite is found; of backports only where it comes from there", () => {
  const offers = offersIn(`
    libc6 | 2.41-12 | http://deb.debian.org/debian trixie/main amd64 Packages
    libc6 | 2.41-12+deb13u1 | http://security.debian.org/debian-security trixie-security/main amd64 Packages
    caddy | 2.6.2-12 | http://deb.debian.org/debian trixie/main amd64 Packages
    caddy | 2.11.2-1~bpo13+2 | http://deb.debian.org/debian trixie-backports/main amd64 Packages`);
  const records = [record("libc6", "2.41-12"), record("caddy", "2.6.2-12"), record("caddy", "2.11.2-1~bpo13+1", "new")];
  expect(outdated(records, offers)).toEqual([
    expect.stringContaining("caddy: libc6 2.41-12 is older than 2.41-12+deb13u1"),
    expect.stringContaining("new: caddy 2.11.2-1~bpo13+1 is older than 2.11.2-1~bpo13+2"),
  ]);
});

test.skipIf(!hasApt)(
  `a planted old package is found through apt itself${hasApt ? "" : " (skipped: needs apt)"}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenleaf-audit-test-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ["repository", "records"]) mkdirSync(join(folder, name));
    const stanza = (version: string) =>
      `Package: planted\nSource: seed\nVersion: ${version}\nArchitecture: amd64\nFilename: ./planted.deb\nSize: 1\nSHA256: ${"0".repeat(64)}\n`;
    writeFileSync(join(folder, "repository/Packages"), `${stanza("1.0-1")}\n${stanza("1.0-1+deb13u2")}`);
    execFileSync("sh", ["-c", "gzip -kn Packages"], { cwd: join(folder, "repository") });
    const line = `{"name":"planted","version":"1.0-1","architecture":"amd64","sha256":""}\n`;
    writeFileSync(join(folder, "records/backend.jsonl"), line);
    const records = await recordedPackages(join(folder, "records"));
    const sources = ["Types: deb", `URIs: file:${join(folder, "repository")}`, "Suites: ./", "Trusted: yes"];
    const offered = await offersOf(sources, records);
    expect(offered.sources.get("planted")).toBe("seed");
    expect(outdated(records, offered.offers)).toEqual([
      "backend: planted 1.0-1 is older than 1.0-1+deb13u2 (sudo ./greenleaf images backend --fresh)",
    ]);
  },
);

test("what Debian fixed and an image lacks is found; what Debian has open is told by number", async () => {
  const here = (status: string, more: object = {}) => ({ releases: { trixie: { status, ...more } } });
  const tracker = {
    seed: {
      "CVE-1": here("resolved", { fixed_version: "1.0-1+deb13u2" }),
      "CVE-2": here("resolved", { fixed_version: "1.0-1" }),
      "CVE-3": here("open", { urgency: "not yet assigned" }),
      "CVE-4": here("open", { urgency: "unimportant" }),
    },
  };
  const records = [record("planted", "1.0-1+b2")];
  const { findings, kept } = judgeIssues(tracker, records, new Map([["planted", "seed"]]));
  expect(findings).toEqual(["caddy: planted 1.0-1+b2: CVE-1 is fixed in 1.0-1+deb13u2"]);
  expect(kept).toEqual(["caddy: planted 1.0-1+b2: 1 not fixed by Debian yet (CVE-3)"]);
  const url = await serving(200, JSON.stringify(tracker));
  expect((await securityTracker([record("seed", "1")], new Map(), url)).findings).toHaveLength(2);
});

test("what cannot be asked is told with its reason, and is no clean answer", async () => {
  const refusing = await serving(405, "no");
  expect(await askAdvisories(refusing, [])).toMatch(/answers 405$/);
  expect(await askAdvisories(await serving(200, "<html>"), [])).toContain("127.0.0.1");
  expect(await askAdvisories("http://127.0.0.1:1/", [])).toContain("127.0.0.1:1");
  const tracker = await securityTracker([], new Map(), refusing);
  expect(tracker.unreached).toEqual([`${refusing}: HTTP 405`]);
  expect(verdictOf([tracker])).toBe(2);
  expect(reportText([tracker])).toContain("  not reached  ");
});

test("an advisory is told with package, severity and address", async () => {
  const advisory = { title: "bad", severity: "high", url: "https://x/1", vulnerable_versions: "<2" };
  const url = await serving(200, JSON.stringify({ left: [advisory] }));
  expect(await askAdvisories(url, [{ name: "left", version: "1.0.0", isDev: false }])).toEqual([
    "left <2: high, bad (https://x/1)",
  ]);
});

test("every deprecated package needs a reason, and every reason a package", () => {
  const text = JSON.stringify({
    packages: {
      "": { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0", deprecated: "use b" },
      "node_modules/c/node_modules/a": { version: "2.0.0", deprecated: "use b" },
    },
  });
  const packages = packagesIn(text);
  expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(["a@1.0.0", "a@2.0.0"]);
  const told = new Map(packages.map(({ name, version, deprecated = "" }) => [`${name}@${version}`, deprecated]));
  const judged = judge(told, { "a@1.0.0": "c needs it", gone: "?" }, { packages, unreached: [] });
  expect(judged.kept).toEqual(["a@1.0.0: c needs it"]);
  expect(judged.findings).toEqual(["a@2.0.0: use b", "gone: is in the kept list and in no lock file"]);
});

test("the kept list names packages that the lock files hold, each with a reason", async () => {
  const kept = JSON.parse(readFileSync(join(import.meta.dirname, "kept-deprecated.json"), "utf8")) as KeptDeprecated;
  const packages = (await Promise.all(LOCK_FILES.map(lockedPackages))).flat();
  expect(judge(new Map(), kept, { packages, unreached: [] }).findings).toEqual([]);
  for (const reason of Object.values(kept)) expect(reason.length).toBeGreaterThan(20);
});

test("a finding wins over what was not reached, and nothing at all is 0", () => {
  const [found, silent] = [part("a", { findings: ["x"] }), part("b", { unreached: ["y"] })];
  expect([verdictOf([found, silent]), verdictOf([silent]), verdictOf([part("c", {})])]).toEqual([69, 2, 0]);
});
