import { EXIT, type ExitCode } from "../../base/errors.ts";
import { isSince } from "../stack/api-version.ts";

export type Level = "ok" | "warn" | "fail";

/** One line of `doctor`: what was looked at, what was found and, unless it is well, what to do. */
export interface Check {
  name: string;
  level: Level;
  found: string;
  fix?: string;
}

export interface Space {
  path: string;
  freeBytes: number;
  freeInodes: number;
}

export interface FileMode {
  path: string;
  /** Permission bits, as in 0o600. */
  mode: number;
  owner: string;
}

/** What `doctor` reads of a machine and of the node on it. */
export interface Findings {
  root: boolean;
  engine: { version: string; api: string } | { problem: string };
  /** Programs that a router calls and this machine has not. */
  missing: readonly string[];
  spaces: readonly Space[];
  memory: { totalBytes: number; availableBytes: number };
  /** Undefined where no time service says. */
  clockSynchronised: boolean | undefined;
  document: { problems: readonly string[] } | { role: "app" | "router"; release: string };
  /** Templates of the accepted release; undefined while none was accepted. */
  templates: { names: readonly string[]; problems: readonly string[] } | undefined;
  /** Files that must not be wider than their mode. */
  modes: ReadonlyArray<FileMode & { widest: number }>;
  environmentOnTmpfs: boolean;
  ports: ReadonlyArray<{ port: number; what: string; holder: string | undefined; expected: boolean }>;
  names: ReadonlyArray<{ host: string; resolves: boolean }>;
  daemon: { reason?: string } | undefined;
  verdict: string | undefined;
}

const GB = 1e9;
/** A release's images and one before it, unpacked. */
const DISK = { warn: 5 * GB, fail: 1 * GB, inodes: 20_000 };
/** What the stack's memory limits add up to, and the engine. */
const MEMORY = { warn: 1.5 * GB, fail: 0.9 * GB };
const OLDEST_API = "1.41";

/** What is well with this node and what is not. */
export function diagnose(findings: Findings): Check[] {
  return [
    rootCheck(findings),
    documentCheck(findings),
    isRouter(findings) ? programsCheck(findings) : engineCheck(findings),
    ...findings.spaces.map(spaceCheck),
    memoryCheck(findings),
    clockCheck(findings),
    ...findings.names.map(nameCheck),
    ...(isRouter(findings) ? [] : [templateCheck(findings)]),
    ...modeChecks(findings),
    ...findings.ports.map(portCheck),
    daemonCheck(findings),
    verdictCheck(findings),
  ];
}

export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  if (checks.some(({ level }) => level === "fail")) return EXIT.configuration;
  return checks.some(({ level }) => level === "warn") ? EXIT.degraded : EXIT.ready;
}

const ok = (name: string, found: string): Check => ({ name, level: "ok", found });
const warn = (name: string, found: string, fix: string): Check => ({ name, level: "warn", found, fix });
const fail = (name: string, found: string, fix: string): Check => ({ name, level: "fail", found, fix });

const rootCheck = ({ root }: Findings): Check =>
  root
    ? ok("user", "root")
    : warn("user", "not root: files of others and the engine may be hidden", "run it with sudo");

function documentCheck({ document }: Findings): Check {
  if ("role" in document) return ok("node", `role ${document.role}, release ${document.release}`);
  const fix = "correct /etc/greenleaf/node.json (node-agent/README.md shows the shape)";
  return fail("node", document.problems.join("; "), fix);
}

// A router runs no engine and no stack.
const isRouter = ({ document }: Findings): boolean => "role" in document && document.role === "router";

function programsCheck({ missing }: Findings): Check {
  if (missing.length === 0) return ok("programs", "what a router calls is here");
  return fail("programs", `not installed: ${missing.join(", ")}`, "greenleaf-agent install --role router");
}

function engineCheck({ engine }: Findings): Check {
  if ("problem" in engine) return fail("engine", engine.problem, "greenleaf-agent install");
  const found = `Docker ${engine.version}, API ${engine.api}`;
  return isSince(engine.api, OLDEST_API)
    ? ok("engine", found)
    : fail("engine", `${found} is too old`, `update the engine: a stack needs API ${OLDEST_API} (Docker 20.10)`);
}

function spaceCheck({ path, freeBytes, freeInodes }: Space): Check {
  const found = `${gigabytes(freeBytes)} free on ${path}`;
  const fix = "remove what nobody uses: docker system df, then docker image prune";
  if (freeBytes < DISK.fail) return fail("disk", found, fix);
  // A file system without a fixed number of them says 0 of 0; that is seen as plenty by the reader.
  if (freeInodes < DISK.inodes) return warn("disk", `${freeInodes} inodes left on ${path}`, fix);
  return freeBytes < DISK.warn ? warn("disk", found, fix) : ok("disk", found);
}

function memoryCheck({ memory: { totalBytes, availableBytes } }: Findings): Check {
  const found = `${gigabytes(availableBytes)} of ${gigabytes(totalBytes)} available`;
  if (totalBytes < MEMORY.fail) return fail("memory", found, "use a machine with 2 GB or more");
  return totalBytes < MEMORY.warn ? warn("memory", found, "use a machine with 2 GB or more") : ok("memory", found);
}

function clockCheck({ clockSynchronised }: Findings): Check {
  if (clockSynchronised === undefined) return ok("clock", "no time service to ask (the host's clock in a container)");
  return clockSynchronised
    ? ok("clock", "synchronised")
    : warn(
        "clock",
        "not synchronised: AWS refuses signatures that are 5 minutes off",
        "start systemd-timesyncd or chrony",
      );
}

const nameCheck = ({ host, resolves }: Findings["names"][number]): Check =>
  resolves
    ? ok("dns", host)
    : fail("dns", `${host} does not resolve`, "see /etc/resolv.conf and the route to the VPC resolver");

function templateCheck({ templates }: Findings): Check {
  if (templates === undefined) return warn("templates", "no release was accepted yet", "greenleaf-agent boot");
  if (templates.problems.length === 0) return ok("templates", templates.names.join(", "));
  return fail("templates", templates.problems.join("; "), "publish a release with correct templates");
}

function modeChecks({ modes, environmentOnTmpfs }: Findings): Check[] {
  const wide = modes.filter(({ mode, widest, owner }) => (mode & ~widest) !== 0 || owner !== "root");
  const found = wide.map(({ path, mode, owner }) => `${path} is ${mode.toString(8)} of ${owner}`).join("; ");
  const files =
    wide.length === 0
      ? ok("modes", `${modes.length} files`)
      : fail("modes", found, "greenleaf-agent boot writes them anew");
  if (environmentOnTmpfs) return [files];
  return [
    files,
    warn("tmpfs", "the .env files are not on tmpfs: secrets reach the disk", "mount tmpfs on /run/greenleaf"),
  ];
}

function portCheck({ port, what, holder, expected }: Findings["ports"][number]): Check {
  if (holder === undefined) return ok("port", `${port} is free for ${what}`);
  if (expected) return ok("port", `${port} is used by ${what}`);
  return fail(
    "port",
    `${port} is wanted by ${what} and used by ${holder}`,
    "stop that program, or choose another port",
  );
}

function daemonCheck({ daemon }: Findings): Check {
  if (daemon === undefined) return warn("agent", "the daemon does not run", "systemctl start greenleaf-agent");
  return daemon.reason === undefined
    ? ok("agent", "healthy")
    : fail("agent", daemon.reason, "greenleaf-agent status; docker compose -p PROJECT logs SERVICE");
}

function verdictCheck({ verdict }: Findings): Check {
  if (verdict === undefined) return warn("boot", "this node never booted", "greenleaf-agent boot");
  const level = verdict === "ready" ? "ok" : "warn";
  return {
    name: "boot",
    level,
    found: `verdict ${verdict}`,
    ...(level === "ok" ? {} : { fix: "greenleaf-agent status" }),
  };
}

const gigabytes = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`;
