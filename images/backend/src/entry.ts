import { join } from "node:path";
import { readSettings, type Settings } from "./environment.ts";
import { endWith, Failure } from "./failure.ts";
import type { Problem } from "./reader.ts";

/** The folder with medusa-config.js, public/admin and node_modules: Medusa only finds them from here. */
const root = join(__dirname, "..");
const port = 9000;

const commands: Readonly<Record<string, () => Promise<void>>> = {
  start,
  "first-run": firstRun,
  "reset-password": resetAdminPassword,
  "migrations-hash": printMigrationsHash,
};

async function start(): Promise<void> {
  const settings = settingsOrRefuse([]);
  const { preflight } = await import("./preflight.ts");
  await preflight(settings, { deadlineMs: 30_000, pauseMs: 500 });
  await refuseUnmigrated(settings);
  // Medusa prints a configuration error and ends with 0; only a process that listens may end well.
  let listening = false;
  process.on("exit", (code) => {
    if (code === 0 && !listening) process.exitCode = 70;
  });
  const [
    { answerReadyz, databaseQuestion, valkeyQuestion },
    { listen },
    { openDoors },
    { guardRequests },
    load,
    log,
    queues,
    { refuseWithoutServers, unlessAway, watchServer },
  ] = await Promise.all([
    import("./readiness.ts"),
    import("./medusa.ts"),
    import("./login/doors.ts"),
    import("./http/guard.ts"),
    import("./http/load-shedding.ts"),
    import("./http/access-log.ts"),
    import("./queue-readers.ts"),
    import("./http/servers-away.ts"),
  ]);
  log.keepSecretsOutOfTheLog();
  openDoors(settings.redis);
  queues.endWithReaders(queues.medusasReaders(), queues.endProcess);
  const questions = { postgresql: databaseQuestion(settings.database), valkey: valkeyQuestion(settings.redis) };
  const server = await listen(root, port);
  listening = true;
  const { store, admin, auth } = settings.cors;
  load.shedLoad(server, load.LOAD_LIMITS);
  const watched = { postgresql: watchServer(questions.postgresql), valkey: watchServer(questions.valkey) };
  refuseWithoutServers(server, watched);
  guardRequests(server, { store: store.split(","), admin: admin.split(","), auth: auth.split(",") });
  // Ready is who refuses nobody.
  answerReadyz(server, {
    postgresql: unlessAway(questions.postgresql, watched.postgresql),
    valkey: unlessAway(questions.valkey, watched.valkey),
  });
}

/** On tables that do not fit Medusa crashes, or worse, runs; the job that makes them fit has to come first. */
async function refuseUnmigrated(settings: Settings): Promise<void> {
  const [{ openLedger }, { shippedMigrations }] = await Promise.all([
    import("./first-run/ledger.ts"),
    import("./migrations-hash.ts"),
  ]);
  const hash = shippedMigrations(root);
  const ledger = await openLedger(settings.database);
  const isMigrated = await ledger.has(hash);
  await ledger.close();
  if (isMigrated) return;
  throw new Failure("the database is not ready for this image", {
    exitCode: 75,
    why: `it does not record the migrations ${hash}`,
    fix: "run this image once with the argument first-run, then start again",
  });
}

async function firstRun(): Promise<void> {
  // stdout carries one line of JSON; whatever Medusa writes there goes to stderr.
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const { readShop } = await import("./environment.ts");
  const { shop, admin, problems } = readShop(process.env);
  const settings = settingsOrRefuse(problems);
  const { runOnce } = await import("./first-run/run-once.ts");
  const outcome = await runOnce({ root, settings, shop, admin, release: process.env.RELEASE_MIGRATIONS });
  print(`${JSON.stringify(outcome)}\n`);
}

/** `reset-password [EMAIL]`, the new password on stdin: an argument would be seen by every process of the machine. */
async function resetAdminPassword(): Promise<void> {
  const settings = settingsOrRefuse([]);
  const [{ text }, { resetPassword }] = await Promise.all([
    import("node:stream/consumers"),
    import("./keeper/reset-password.ts"),
  ]);
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  const email = process.argv[3];
  const whose = await resetPassword({ settings, backendUrl: `http://127.0.0.1:${port}`, email, password });
  process.stdout.write(`${JSON.stringify({ email: whose })}\n`);
}

async function printMigrationsHash(): Promise<void> {
  const { shippedMigrations } = await import("./migrations-hash.ts");
  process.stdout.write(`${shippedMigrations(root)}\n`);
}

function settingsOrRefuse(more: readonly Problem[]): Settings {
  const { settings, problems } = readSettings(process.env);
  const all = [...problems, ...more];
  if (all.length === 0) return settings;
  throw new Failure(`the environment has ${all.length} problem${all.length === 1 ? "" : "s"}`, {
    exitCode: 78,
    why: all.map(({ key, what }) => `${key} ${what}`).join("\n       "),
    fix: "correct them in the parameters and secrets that backend.env is rendered from, then start again",
  });
}

async function main(name: string): Promise<void> {
  const command = commands[name];
  if (!command) {
    throw new Failure(`there is no command ${name}`, {
      exitCode: 64,
      why: `the backend knows ${Object.keys(commands).join(", ")}`,
      fix: "use one of them",
    });
  }
  process.chdir(root);
  process.env.NODE_ENV = "production";
  // Medusa's own switch for cached queries; the caching module alone changes nothing.
  process.env.MEDUSA_FF_CACHING ??= "true";
  process.env.MEDUSA_DISABLE_TELEMETRY = "true";
  // Even with telemetry off Medusa writes a settings file, and the root file system is read-only.
  process.env.XDG_CONFIG_HOME = "/tmp";
  await command();
}

main(process.argv[2] ?? "start").then(() => {
  if (process.argv[2] === "first-run") process.exit(0);
}, endWith);
