import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { REPOSITORY } from "../../scripts/docs/pages.ts";

const ARCH = process.arch === "arm64" ? "arm64" : "x64";
const NODE = `node-linux-${ARCH}`;
const FOREIGN = "not what the registry had when the lock file was written";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-launcher-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(REPOSITORY, "greenleaf"), join(folder, "greenleaf"));
  copyFileSync(join(REPOSITORY, "package-lock.json"), join(folder, "package-lock.json"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "work"));
});

/** The launcher of a checkout without packages, with an npm whose registry gives `archives` (base64) by name. */
function launched(archives: Readonly<Record<string, string>>, folders = ":/usr/bin:/bin") {
  for (const [name, bytes] of Object.entries(archives)) writeFileSync(join(folder, `${name}.tgz`), bytes, "base64");
  const npm = `#!/bin/sh
echo "$*" >>"${folder}/asked"
cp "${folder}/\${2%@*}.tgz" "$5/archive.tgz" && echo archive.tgz
`;
  const tar = `#!/bin/sh\necho "tar $*" >>"${folder}/asked"\n`;
  for (const [name, text] of Object.entries({ npm, tar }))
    writeFileSync(join(folder, "bin", name), text, { mode: 0o755 });
  const env = { PATH: `${join(folder, "bin")}${folders}`, TMPDIR: join(folder, "work") };
  const { status, stderr } = spawnSync("/bin/sh", [join(folder, "greenleaf"), "status"], { encoding: "utf8", env });
  const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
  return { status, stderr, asked, isInstalled: existsSync(join(folder, "node_modules")) };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const locked = (name: string): { version: string; integrity: string } =>
  JSON.parse(readFileSync(join(REPOSITORY, "package-lock.json"), "utf8")).packages[`node_modules/${name}`];

test("a Node that is not the one the lock file pins is not unpacked, let alone run", () => {
  const { status, stderr, asked, isInstalled } = launched({ [NODE]: base64(FOREIGN), npm: base64(FOREIGN) });
  expect([status, isInstalled]).toEqual([78, false]);
  expect(stderr).toContain(`error: ${NODE} is not the package this checkout pins\n`);
  expect(asked).toEqual([expect.stringMatching(`^pack ${NODE}@${locked(NODE).version} `)]);
});

test("an npm that is not the pinned one is not run either, beside a Node that is", () => {
  const text = readFileSync(join(folder, "package-lock.json"), "utf8");
  const own = `sha512-${createHash("sha512").update("ours").digest("base64")}`;
  writeFileSync(join(folder, "package-lock.json"), text.replace(locked(NODE).integrity, own));
  const { status, stderr, asked, isInstalled } = launched({ [NODE]: base64("ours"), npm: base64(FOREIGN) });
  expect([status, isInstalled]).toEqual([78, false]);
  expect(stderr).toContain("error: npm is not the package this checkout pins\n");
  expect(asked.map((line) => line.split(" ")[0])).toEqual(["pack", "tar", "pack"]);
  expect(asked[2]).toContain(`npm@${locked("npm").version} `);
});

test("a registry that gives nothing is no answer, and may have one later", () => {
  const { status, stderr, isInstalled } = launched({});
  expect([status, isInstalled]).toEqual([75, false]);
  expect(stderr).toContain(`error: ${NODE} could not be downloaded\n`);
});

test("a shell that names no folder of the system's is no other kind of machine", () => {
  const { status, stderr } = launched({ [NODE]: base64(FOREIGN), npm: base64(FOREIGN) }, "");
  expect(stderr).not.toContain("is not supported");
  expect(status).toBe(78);
});
