import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { chown } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixModes } from "./fix-modes.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const make = (name: string, mode: number) => {
  if (name.endsWith("/")) mkdirSync(at(name));
  else writeFileSync(at(name), "");
  chmodSync(at(name), mode);
};
const modeOf = (name: string) => (statSync(at(name)).mode & 0o7777).toString(8);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-modes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("folders can be entered and nothing is left open to writers; secrets stay closed", async () => {
  make("made-under-077/", 0o700);
  make("made-under-000/", 0o777);
  make("made-under-000/code.js", 0o777);
  make("made-under-000/data", 0o666);
  make("secret", 0o600);
  await fixModes(folder);
  const names = ["made-under-077", "made-under-000", "made-under-000/code.js", "made-under-000/data", "secret"];
  expect(names.map(modeOf)).toEqual(["755", "755", "755", "644", "600"]);
});

test.skipIf(process.geteuid?.() !== 0)(
  "what a container's user owns is left alone, and no link is followed",
  async () => {
    make("state/", 0o700);
    make("outside", 0o666);
    await chown(at("state"), 10_001, 10_001);
    mkdirSync(at("inside"));
    symlinkSync("../outside", at("inside/link"));
    await fixModes(at("inside"));
    await fixModes(at("state"));
    expect([modeOf("state"), modeOf("outside")]).toEqual(["700", "666"]);
  },
);
