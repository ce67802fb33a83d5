import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, endOfTar, readTar, writeEntry } from "./tar.ts";

const run = promisify(execFile);
const LONG = `${"very-".repeat(40)}long-name.txt`;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenleaf-tar-"));
  await mkdir(join(folder, "in", "nested"), { recursive: true });
  await writeFile(join(folder, "in", "small"), "hello");
  await writeFile(join(folder, "in", "exactly-one-block"), "x".repeat(512));
  await writeFile(join(folder, "in", "empty"), "");
  await writeFile(join(folder, "in", "nested", LONG), "é".repeat(100_000));
  await symlink("small", join(folder, "in", "link"));
  await utimes(join(folder, "in", "small"), 2_000_000_000.25, 2_000_000_000.25);
  await run("tar", ["--format=pax", "-C", join(folder, "in"), "-cf", join(folder, "a.tar"), "."]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The archive in pieces of a size that never fits a block. */
async function* pieces(path: string, size = 700): AsyncGenerator<Buffer> {
  const bytes = await readFile(path);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* rewritten(path: string): AsyncGenerator<Buffer> {
  for await (const entry of readTar(pieces(path))) {
    const records = new Map([...entry.records].filter(([key]) => !key.endsWith("time")));
    yield* writeEntry(entry, { mtime: 1_000_000_000, records });
  }
  yield endOfTar();
}

describe("readTar", () => {
  test("gives names, types, sizes and links as GNU tar wrote them", async () => {
    const seen = new Map<string, string>();
    for await (const { name, type, size, link } of readTar(pieces(join(folder, "a.tar")))) {
      seen.set(name, `${type} ${size} ${link}`.trim());
    }
    expect(seen.get("./small")).toBe("0 5");
    expect(seen.get("./empty")).toBe("0 0");
    expect(seen.get("./link")).toBe("2 0 small");
    expect(seen.get(`./nested/${LONG}`)).toBe("0 200000");
    expect(seen.get("./nested/")).toBe("5 0");
  });

  test("gives a body where it is asked for and skips it where not", async () => {
    let body = "";
    for await (const entry of readTar(pieces(join(folder, "a.tar")))) {
      if (entry.name === "./exactly-one-block") body = (await collect(entry.body())).toString();
    }
    expect(body).toBe("x".repeat(512));
  });

  test("refuses an archive that ends inside a file", async () => {
    const whole = await readFile(join(folder, "a.tar"));
    const at = whole.indexOf("é".repeat(10));
    const torn = async () => {
      for await (const _ of readTar(
        (async function* () {
          yield whole.subarray(0, at + 100);
        })(),
      ));
    };
    await expect(torn()).rejects.toThrow("ends inside an entry");
  });
});

describe("writeEntry", () => {
  test("writes what GNU tar reads back: same bytes, the given time, no owner's name", async () => {
    await writeFile(join(folder, "b.tar"), await collect(rewritten(join(folder, "a.tar"))));
    await mkdir(join(folder, "out"));
    await run("tar", ["-C", join(folder, "out"), "-xf", join(folder, "b.tar")]);
    await run("diff", ["-r", "--no-dereference", join(folder, "in"), join(folder, "out")]);
    const { stdout } = await run("tar", ["--full-time", "--utc", "-tvf", join(folder, "b.tar")], {
      env: { ...process.env, TZ: "UTC" },
    });
    for (const line of stdout.trim().split("\n")) expect(line).toMatch(/ \d+\/\d+ +\d+ 2001-09-09 01:46:40 /);
  });

  test("gives the same bytes for archives that differ only in times", async () => {
    await utimes(join(folder, "in", "small"), 1_999_999_999.75, 1_999_999_999.75);
    await run("tar", ["--format=pax", "-C", join(folder, "in"), "-cf", join(folder, "c.tar"), "."]);
    const [a, c] = [await readFile(join(folder, "a.tar")), await readFile(join(folder, "c.tar"))];
    expect(a.equals(c)).toBe(false);
    const [first, second] = [
      await collect(rewritten(join(folder, "a.tar"))),
      await collect(rewritten(join(folder, "c.tar"))),
    ];
    expect(first.equals(second)).toBe(true);
  });
});
