import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const lockFiles = globSync("{.,images/*}/package-lock.json", { cwd: ROOT }).toSorted();

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  /** Comes within the tarball of the package that it lies in. */
  readonly inBundle?: boolean;
}

test.each(lockFiles)("what %s names is known by its content and comes from npm's registry", (file) => {
  const { packages } = JSON.parse(text(file)) as { packages: Record<string, Locked> };
  const all = Object.entries(packages).filter(([path, { inBundle }]) => path !== "" && inBundle !== true);
  expect(all.length).toBeGreaterThan(10);
  const strangers = all.filter(
    ([, { version, integrity, resolved = "https://registry.npmjs.org/", link }]) =>
      link === true ||
      version === undefined ||
      !(integrity ?? "").startsWith("sha512-") ||
      !resolved.startsWith("https://registry.npmjs.org/"),
  );
  expect(strangers.map(([path]) => path)).toEqual([]);
});

test("a package file of an image names exact versions", () => {
  for (const file of globSync("images/*/package.json", { cwd: ROOT })) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text(file)) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  }
});

test("an image that installs packages runs none of their scripts, and verifies them against its lock file", () => {
  const installing = globSync("images/**/Dockerfile", { cwd: ROOT }).flatMap((file) =>
    text(file)
      .replaceAll(/\\\n/g, " ")
      .split("\n")
      .filter((line) => /\bnpm (install|ci|i|add)\b/.test(line) && !line.startsWith("#"))
      .map((line) => [file, line] as const),
  );
  const locked = lockFiles.filter((file) => file.startsWith("images/"));
  // Its lock file is that of somebody's application.
  const expected = [...locked, "images/own-storefront/package-lock.json"];
  expect(installing.map(([file]) => file).toSorted()).toEqual(
    expected.map((file) => file.replace("package-lock.json", "Dockerfile")).toSorted(),
  );
  for (const [file, line] of installing)
    expect(line, file).toMatch(/npm install --no-save --ignore-scripts && node build\/verify-lock\.(mjs|ts)$/);
});
