import { open } from "node:fs/promises";
import { ConfigurationError } from "../../../node-agent/src/base/errors.ts";
import { exec, type Output } from "../../../node-agent/src/base/exec.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { progress } from "../../progress.ts";
import type { Credentials } from "../aws/credentials.ts";
import { servicesProject } from "../remove/own-things.ts";
import { serviceContainer } from "../service-container.ts";
import { type LocalWorld, optionsFor } from "../world.ts";
import { badDump, checkContents, digestOf } from "./dump.ts";

/** Which dump this world's data came from. */
const RECORD = "/local/moved-in.json";
const DATABASE = "medusa";
const HOUR_MS = 3_600_000;

export interface Moving {
  readonly credentials: Credentials;
  readonly dump: string;
}

/** Whether the database was a shop before, as its first boot found: no demo is put on its shelves. */
export async function isMovedIn(world: LocalWorld, credentials: Credentials): Promise<boolean> {
  const run = runnerOf(await postgresOf(world), credentials);
  return (await count(run, "select count(*) from greenleaf_migrations where hash = 'moved-in'")) > 0;
}

/** Fills an empty database from a dump, all of it or nothing; from the same dump again it does nothing. */
export const moveIn = (world: LocalWorld, moving: Moving): Promise<void> =>
  progress.step("data of before", (log) => restoreInto(world, moving, log));

/** As the step does it; what there is to say is given to `log`. */
export async function restoreInto(
  world: LocalWorld,
  { credentials, dump }: Moving,
  log: (text: string) => void,
): Promise<void> {
  const run = runnerOf(await postgresOf(world), credentials);
  const digest = await digestOf(dump);
  const kept = await filesBelow(world.root).read(RECORD);
  const isEmpty = (await tables(run)) === 0;
  if (!isEmpty && kept === JSON.stringify({ digest })) return log("it is here already");
  if (!isEmpty) throw taken(world);
  checkContents(dump, await contentsOf(run, dump));
  await restore(run, dump);
  await filesBelow(world.root).write(RECORD, JSON.stringify({ digest }));
  log(`${await tables(run)} tables; their migrations follow with the node's boot`);
}

type Run = (argv: readonly [string, ...string[]], options?: Parameters<typeof exec>[1]) => Promise<Output>;

/** In the server's own container, over its TLS, with a password that stands in no command line. */
function runnerOf(container: string, { db }: Credentials): Run {
  const env = { PGHOST: "127.0.0.1", PGSSLMODE: "require", PGUSER: db.username ?? "", PGPASSWORD: db.password ?? "" };
  const names = Object.keys(env).flatMap((name) => ["--env", name]);
  return (argv, options) =>
    exec(["docker", "exec", "--interactive", ...names, container, ...argv], { timeoutMs: HOUR_MS, env, ...options });
}

const tables = (run: Run): Promise<number> =>
  count(run, "select count(*) from information_schema.tables where table_schema = 'public'");

async function count(run: Run, query: string): Promise<number> {
  const { stdout } = await run(["psql", `--dbname=${DATABASE}`, "--no-psqlrc", "-At", `--command=${query}`]);
  return Number(stdout.trim());
}

async function contentsOf(run: Run, dump: string): Promise<string> {
  const { code, stdout, stderr } = await fed(run, dump, ["pg_restore", "--list"]);
  if (code !== 0) throw badDump(dump, stderr.trim());
  return stdout;
}

async function restore(run: Run, dump: string): Promise<void> {
  const how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"];
  const { code, stderr } = await fed(run, dump, ["pg_restore", `--dbname=${DATABASE}`, ...how]);
  if (code !== 0) throw badDump(dump, `nothing of it was kept: ${stderr.trim().split("\n").slice(0, 3).join(" | ")}`);
}

/** The file is read by the program itself: it may be larger than memory. */
async function fed(run: Run, path: string, argv: readonly [string, ...string[]]): Promise<Output> {
  const file = await open(path, "r");
  try {
    return await run(argv, { inputFrom: file.fd, accept: [0, 1] });
  } finally {
    await file.close();
  }
}

async function postgresOf(world: LocalWorld): Promise<string> {
  return (await serviceContainer(servicesProject(world), "postgres")) ?? "";
}

const taken = (world: LocalWorld): ConfigurationError =>
  new ConfigurationError("--data would meet a shop that is there", {
    code: "data.taken",
    why: `the database of project "${world.project}" has tables, and not those of this file`,
    fix: `choose a world of its own (--project NAME --port PORT), or end this one: sudo ./greenleaf down --purge${optionsFor(world)}`,
  });
