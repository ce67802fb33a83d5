import { X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureCertificates, IMAGE_UID } from "./certificates.ts";

// A key belongs to the images' user, which only root can make so.
const isRoot = process.geteuid?.() === 0;

let folder = "";
const at = (name: string) => join(folder, "tls", name);
const ensure = () => ensureCertificates(join(folder, "tls"), ["postgres"]);
const bytes = () =>
  ["ca.crt", "ca.key", "postgres/server.crt", "postgres/server.key"].map((name) => readFileSync(at(name), "utf8"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-tls-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const WANTED = [
  [".", 0o755, 0],
  ["ca.crt", 0o644, 0],
  ["ca.key", 0o600, 0],
  ["postgres", 0o755, 0],
  ["postgres/ca.crt", 0o644, 0],
  ["postgres/server.crt", 0o644, 0],
  ["postgres/server.key", 0o600, IMAGE_UID],
] as const;

const found = () =>
  WANTED.map(([name]) => {
    const { mode, uid } = statSync(at(name));
    return [name, mode & 0o7777, uid];
  });

test.skipIf(!isRoot).each([0o000, 0o022, 0o077])(
  "the images' user reads them and nobody writes, whatever the umask: %o",
  async (umask) => {
    const before = process.umask(umask);
    try {
      await ensure();
    } finally {
      process.umask(before);
    }
    expect(found()).toEqual(WANTED);
  },
);

test.skipIf(!isRoot)("what an earlier run made unreadable, or open to writers, is fixed and kept", async () => {
  await ensure();
  const before = bytes();
  for (const mode of [0o600, 0o666]) {
    for (const [name] of WANTED) if (name.includes(".c") || name.includes(".k")) chmodSync(at(name), mode);
    for (const name of [".", "postgres"]) chmodSync(at(name), mode | 0o700);
    await ensure();
    expect(found(), mode.toString(8)).toEqual(WANTED);
  }
  expect(bytes()).toEqual(before);
});

test.skipIf(!isRoot)(
  "a file that is cut short, missing or of another key is made anew, and what hangs on it with it",
  async () => {
    await ensure();
    const spoil: ReadonlyArray<readonly [string, (path: string) => void]> = [
      ["postgres/server.crt", (path) => writeFileSync(path, "")],
      ["postgres/server.crt", (path) => writeFileSync(path, readFileSync(at("ca.crt")))],
      ["postgres/server.key", (path) => writeFileSync(path, readFileSync(path).subarray(0, 80))],
      ["ca.key", (path) => rmSync(path)],
      ["ca.crt", (path) => writeFileSync(path, readFileSync(at("postgres/server.crt")))],
    ];
    for (const [name, how] of spoil) {
      how(at(name));
      const authority = new X509Certificate(await ensure());
      const server = new X509Certificate(readFileSync(at("postgres/server.crt")));
      expect([server.verify(authority.publicKey), server.checkHost("postgres")], name).toEqual([true, "postgres"]);
      expect(readFileSync(at("postgres/ca.crt"), "utf8"), name).toBe(authority.toString());
      expect(found(), name).toEqual(WANTED);
    }
  },
);
