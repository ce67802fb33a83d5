import { existsSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextFiles, withContext } from "./context.ts";

let checkout = "";
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "greenleaf-context-"));
});
afterEach(() => rm(checkout, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test.each([0o000, 0o022, 0o077])(
  "what an image is made from has fixed modes, whatever the umask: %o",
  async (umask) => {
    const before = process.umask(umask);
    try {
      await mkdir(join(checkout, "server"));
      await writeFile(join(checkout, "server", "main.ts"), "main");
      await writeFile(join(checkout, "start"), "start", { mode: 0o777 });
      await withContext(checkout, async (folder) => {
        const names = ["server", "server/main.ts", "start"];
        expect(names.map((name) => modeOf(join(folder, name)))).toEqual(["755", "644", "755"]);
        expect(await readFile(join(folder, "server/main.ts"), "utf8")).toBe("main");
      });
    } finally {
      process.umask(before);
    }
  },
);

test("it holds the files that are counted and no others, and is gone afterwards", async () => {
  for (const name of ["src", "node_modules", ".next"]) {
    await mkdir(join(checkout, name));
    await writeFile(join(checkout, name, "a"), name);
  }
  await symlink("/etc/passwd", join(checkout, "src", "link"));
  await chmod(join(checkout, "src"), 0o700);
  expect((await contextFiles(checkout)).map(({ name }) => name)).toEqual(["src/a"]);
  const copied = await withContext(checkout, async (folder) => {
    const names = ["src/a", "src/link", "node_modules", ".next"];
    expect(names.map((name) => existsSync(join(folder, name)))).toEqual([true, false, false, false]);
    return folder;
  });
  expect(existsSync(copied)).toBe(false);
});
