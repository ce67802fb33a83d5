import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayTrace, whyNoTrace } from "../support/strace.ts";

const PROGRAMS = join(import.meta.dirname, "..", "support", "programs");
const RENDER = join(PROGRAMS, "render-once.ts");
const WATCH = join(PROGRAMS, "watch-files.ts");
const TEMPORARY = ".greenleaf-tmp";
const FILES = ["backend.env", "storefront.env", "rendered.json"];

const canTrace = mayTrace();
const SKIPPED = canTrace ? "" : ` (skipped: ${whyNoTrace()})`;
const ENVIRONMENT = { ...process.env, UV_THREADPOOL_SIZE: "1" };

const textOf = (file: string, value: string): string =>
  `# written by greenleaf-agent, read by compose; changes are lost\nNAME=${file.replace(".env", "")}\nVALUE=${value}\n`;

const base = mkdtempSync(join(tmpdir(), "greenleaf-kill-"));
afterAll(() => rmSync(base, { recursive: true }));

let made = 0;
function rendered(value: string, root = join(base, String((made += 1)))): string {
  execFileSync(process.execPath, [RENDER, root, value]);
  return root;
}

const folderOf = (root: string): string => join(root, "run/greenleaf");
const filesOf = (root: string) =>
  Object.fromEntries(
    readdirSync(folderOf(root))
      .filter((name) => name.endsWith(".env"))
      .map((name) => [name, readFileSync(join(folderOf(root), name), "utf8")]),
  );
const whole = (value: string) => ({
  "backend.env": textOf("backend.env", value),
  "storefront.env": textOf("storefront.env", value),
});

/** Every system call of a render that touches the run folder, in order, one thread doing them all. */
function traced(root: string, value: string, inject: readonly string[] = []) {
  const folder = folderOf(root);
  const paths = [folder, ...FILES.flatMap((name) => [join(folder, name), join(folder, `${name}${TEMPORARY}`)])];
  const log = join(root, "trace");
  const argv = [
    "-f",
    "-o",
    log,
    ...paths.flatMap((path) => ["-P", path]),
    ...inject,
    process.execPath,
    RENDER,
    root,
    value,
  ];
  const { status, signal, stderr } = spawnSync("strace", argv, { env: ENVIRONMENT, encoding: "utf8" });
  const calls = readFileSync(log, "utf8")
    .split("\n")
    .flatMap((line) => /^\d+ +(\w+)\(/.exec(line)?.[1] ?? []);
  return { status, killed: signal === "SIGKILL" || status === 137, stderr, calls };
}

/** `openat`, third of its kind. */
interface Point {
  readonly call: string;
  readonly nth: number;
}

/** To be killed before a call that only looks is to be killed after the change before it. */
const CHANGES = new Set(["openat", "write", "fchmod", "fsync", "close", "rename", "unlink"]);

function pointsOf(calls: readonly string[]): Point[] {
  const all = calls.map((call, index) => ({
    call,
    nth: calls.slice(0, index + 1).filter((other) => other === call).length,
  }));
  return all.filter(({ call }) => CHANGES.has(call));
}

const points: Point[] = canTrace ? pointsOf(traced(rendered("old"), "new").calls) : [];

describe.skipIf(!canTrace)(`a render that is killed${SKIPPED}`, () => {
  let watcher: ChildProcess;
  let output = "";
  const root = join(base, "watched");

  beforeAll(async () => {
    rendered("old", root);
    const allowed = FILES.flatMap((file) => [textOf(file, "old"), textOf(file, "new")]);
    watcher = spawn(process.execPath, [WATCH, folderOf(root), ...allowed], { stdio: ["ignore", "pipe", "inherit"] });
    watcher.stdout!.setEncoding("utf8").on("data", (text: string) => (output += text));
    await new Promise((resolve) => watcher.stdout!.once("data", resolve));
  });

  test("has at least 30 points to be killed at", () => expect(points.length).toBeGreaterThanOrEqual(30));

  // Each point renders what the one before did not, so that there is always something to change.
  test.each(points.map((point, index) => ({ ...point, value: index % 2 === 0 ? "new" : "old" })))(
    "at $call $nth leaves old or new files, and the next one fixes all",
    ({ call, nth, value }) => {
      const { killed } = traced(root, value, ["-e", `inject=${call}:signal=SIGKILL:when=${nth}`]);
      expect(killed).toBe(true);
      const left = filesOf(root);
      for (const file of ["backend.env", "storefront.env"]) {
        expect([textOf(file, "old"), textOf(file, "new")]).toContain(left[file]);
      }
      rendered(value, root);
      expect(filesOf(root)).toEqual(whole(value));
      expect(readdirSync(folderOf(root)).filter((name) => name.endsWith(TEMPORARY))).toEqual([]);
    },
  );

  test("meanwhile a reader saw only old or new bytes, and nothing wider than 0600", async () => {
    watcher.kill("SIGTERM");
    await new Promise((resolve) => watcher.once("close", resolve));
    const { reads, seen } = JSON.parse(output.replace("watching\n", "")) as { reads: number; seen: string[] };
    expect(seen).toEqual([]);
    expect(reads).toBeGreaterThan(1_000);
  });
});

/** Calls whose failure must stop a render, and what the machine may answer. */
const FAILURES: Readonly<Record<string, readonly string[]>> = {
  openat: ["EIO", "EACCES"],
  write: ["ENOSPC", "EDQUOT", "EIO"],
  fsync: ["EIO", "ENOSPC"],
  fchmod: ["EPERM", "EROFS"],
  rename: ["ENOSPC", "EIO", "EROFS"],
};
const EXIT_CODES: Readonly<Record<string, number>> = {
  ENOSPC: 75,
  EDQUOT: 75,
  EIO: 75,
  EROFS: 77,
  EACCES: 77,
  EPERM: 77,
};

describe.skipIf(!canTrace)(`a render that meets a failing disk${SKIPPED}`, () => {
  const old = rendered("old");
  const failing = points.flatMap((point, index) => {
    const errors = FAILURES[point.call] ?? [];
    return errors.length === 0 ? [] : [{ ...point, error: errors[index % errors.length]! }];
  });

  test.each(failing)(
    "$error at $call $nth: each file is old or new as a whole, and the exit code says why",
    ({ call, nth, error }) => {
      const root = join(base, String((made += 1)));
      cpSync(old, root, { recursive: true });
      const { status, stderr } = traced(root, "new", ["-e", `inject=${call}:error=${error}:when=${nth}`]);
      expect({
        status,
        told: stderr
          .split("\n")
          .slice(0, 3)
          .map((line) => line.split(":")[0]),
      }).toEqual({
        status: EXIT_CODES[error],
        told: ["error", "why", "fix"],
      });
      const left = filesOf(root);
      for (const file of ["backend.env", "storefront.env"]) {
        expect([textOf(file, "old"), textOf(file, "new")]).toContain(left[file]);
      }
      expect(readdirSync(folderOf(root)).filter((name) => name.endsWith(TEMPORARY))).toEqual([]);
      rmSync(root, { recursive: true });
    },
  );
});

const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

test.skipIf(!canMount)(
  `on a full tmpfs both old files stay, exit 75, and with room again the render goes on${canMount ? "" : " (skipped: needs root: sudo ./greenleaf test integration)"}`,
  () => {
    const root = rendered("old");
    const script = [
      'folder="$1/run/greenleaf"; cp -a "$folder" "$1/kept"',
      'mount -t tmpfs -o size=64k,mode=700 none "$folder"; cp -a "$1/kept/." "$folder/"',
      'dd if=/dev/zero of="$folder/filler" bs=1k count=64 2>/dev/null',
      '"$2" "$3" "$1" "$4"; echo "code $?"; ls -A "$folder"; cat "$folder"/*.env',
      'rm "$folder/filler"; "$2" "$3" "$1" "$4"; echo "code $?"; cat "$folder"/*.env',
    ].join("\n");
    // Bigger than what is left of a page that the file system may still have.
    const value = "n".repeat(9_000);
    const { stdout } = spawnSync(
      "unshare",
      ["--mount", "sh", "-c", script, "sh", root, process.execPath, RENDER, value],
      { encoding: "utf8" },
    );
    const old = `${textOf("backend.env", "old")}${textOf("storefront.env", "old")}`;
    const fresh = `${textOf("backend.env", value)}${textOf("storefront.env", value)}`;
    expect(stdout).toBe(`code 75\nbackend.env\nfiller\nrendered.json\nstorefront.env\n${old}code 0\n${fresh}`);
  },
);
