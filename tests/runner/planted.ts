import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { closingOf } from "../../scripts/test/closing.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const COPIED = [
  "greenleaf",
  "scripts",
  "node-agent/src",
  "vitest.config.ts",
  "package.json",
  "package-lock.json",
  // What vitest.config.ts names as set-up.
  "tests/support/no-empty-each.ts",
  "tests/support/no-kept-connections.ts",
];

export interface Outcome {
  readonly code: number | null;
  /** The lines after the last group: what failed, what was skipped, the counts. */
  readonly closing: readonly string[];
  readonly output: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  output(): string;
}

/** A checkout with the real command line and the real runner, whose tests are only those planted. */
export interface Planted {
  readonly root: string;
  write(path: string, text: string): void;
  remove(path: string): void;
  readonly test: (...args: string[]) => Promise<Outcome>;
  /** The same, as a process that signals can be sent to. */
  readonly start: (...args: string[]) => Started;
  close(): Promise<void>;
}

/** `groups` stands in for the list of groups: lines of TypeScript. */
export function plantedCheckout(groups: string, files: Readonly<Record<string, string>>): Planted {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-planted-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const path of COPIED)
    cpSync(join(ROOT, path), join(root, path), { recursive: true, filter: (source) => !source.endsWith(".test.ts") });
  linkModules(root);
  write("scripts/test/groups.ts", groups);
  write("scripts/test/minimums.json", '{ "planted": 1 }\n');
  for (const [path, text] of Object.entries(files)) write(path, text);
  const runs: Started[] = [];
  const start = (...args: string[]): Started => {
    const started = launched(root, args);
    runs.push(started);
    return started;
  };
  return {
    root,
    write,
    remove: (path) => rmSync(join(root, path)),
    test: (...args) => start(...args).ended,
    start,
    // A test that failed has left its run waiting.
    async close() {
      for (const { child } of runs) child.kill("SIGTERM");
      await Promise.all(runs.map(({ ended }) => ended));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The launcher finds everything installed, and what vitest keeps beside the modules stays in here. */
function linkModules(root: string): void {
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  for (const entry of readdirSync(join(ROOT, "node_modules")))
    if (!entry.startsWith(".") || entry === ".bin")
      symlinkSync(join(ROOT, "node_modules", entry), join(modules, entry));
  cpSync(join(ROOT, "package-lock.json"), join(root, "package-lock.json"));
  writeFileSync(join(modules, ".greenleaf-lock"), lockLine(join(root, "package-lock.json")));
}

/** As sha512sum writes it, for the launcher compares with sha512sum. */
const lockLine = (path: string): string =>
  `${createHash("sha512").update(readFileSync(path)).digest("hex")}  package-lock.json\n`;

/** A person's shell, not that of the vitest this runs in. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|GREENLEAF_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function launched(root: string, args: readonly string[]): Started {
  const child = spawn(join(root, "greenleaf"), ["test", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...plainEnvironment(), TMPDIR: temporary(root) },
    // As a shell starts it: Ctrl-C is sent to the group.
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child
      .on("error", reject)
      .on("close", (code) => resolve({ code, closing: closingOf(stdout), output: stdout + stderr }));
  });
  return { child, pid: child.pid ?? 0, ended, output: () => stdout + stderr };
}

/** Where the run puts its files, so that a test sees what is left of them. */
export function temporary(root: string): string {
  const folder = join(root, "tmp");
  mkdirSync(folder, { recursive: true });
  return folder;
}
