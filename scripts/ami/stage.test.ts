import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knowsNewer, stagePacker, withSettings } from "./stage.ts";

const folder = mkdtempSync(join(tmpdir(), "greenleaf-stage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (name: string) => readFileSync(join(folder, name), "utf8");

test.each([
  ["1.6.6", false],
  ["1.8.7", false],
  ["1.9.0", true],
  ["1.14.1", true],
  ["2.0.0", true],
])("packer %s knows the newer settings: %s", (version, known) => {
  expect(knowsNewer(version)).toBe(known);
});

test("settings go to the head of every amazon-ebs source and nowhere else", () => {
  const text = 'source "amazon-ebs" "app" {\n  region = "x"\n}\n\nsource "docker" "app" {\n}\n';
  expect(withSettings(text, "a = 1\n")).toBe(
    'source "amazon-ebs" "app" {\n  a = 1\n\n  region = "x"\n}\n\nsource "docker" "app" {\n}\n',
  );
  expect(withSettings(text, "")).toBe(text);
});

test("an old packer gets what it knows", async () => {
  await stagePacker(folder, "1.6.6");
  expect(readdirSync(folder)).toEqual([
    "amazon-linux-2023.pkrvars.hcl",
    "app.pkr.hcl",
    "debian-13.pkrvars.hcl",
    "provision",
    "router.pkr.hcl",
    "variables.pkr.hcl",
  ]);
  expect(read("app.pkr.hcl")).not.toMatch(/metadata_options|imds_support|required_plugins/);
});

test("a new packer builds on an instance, and makes an image, of metadata version 2 only", async () => {
  await stagePacker(folder, "1.14.1");
  expect(read("versions.pkr.hcl")).toContain("required_plugins");
  for (const role of ["app", "router"]) {
    const source = /^source "amazon-ebs" [\s\S]*?^\}/m.exec(read(`${role}.pkr.hcl`))?.[0];
    expect(source).toMatch(/^ {2}imds_support = "v2.0"$/m);
    expect(source).toMatch(/^ {2}metadata_options \{\n[^}]*http_tokens +=\s*"required"/m);
  }
});

test.each(["app", "router"])("the %s image is encrypted, updated first and sealed last", async (role) => {
  await stagePacker(folder, "1.6.6");
  const text = read(`${role}.pkr.hcl`);
  expect(text).toMatch(/launch_block_device_mappings \{[^}]*encrypted +=\s*true/);
  const scripts = [...text.matchAll(/provision\/(\w+)\.sh/g)].map(([, name]) => name);
  expect(scripts).toEqual(
    role === "app" ? ["update", "install", "pull", "manifest", "seal"] : ["update", "install", "manifest", "seal"],
  );
});
