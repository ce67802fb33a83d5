import type { Admin, Settings, Shop } from "../environment.ts";
import { Failure } from "../failure.ts";
import { shippedMigrations } from "../migrations-hash.ts";
import { type Ledger, openLedger } from "./ledger.ts";

/** What the job is given. `release` is the hash that the release claims for this image. */
export type Job = { root: string; settings: Settings; shop: Shop; admin: Admin; release: string | undefined };

/** The job's one line on stdout. */
export type Outcome = { migrated: boolean; publishable_key: string };

const reach = { deadlineMs: 60_000, pauseMs: 500 };

/**
 * Brings the database to what this image needs, once however many jobs start together. Nothing of Medusa is loaded
 * when the database already records the release, so that a node that boots into a running fleet loses no time here.
 */
export async function runOnce(job: Job): Promise<Outcome> {
  const hash = job.release || shippedMigrations(job.root);
  const ledger = await reachLedger(job.settings);
  try {
    return (await nothingDue(ledger, hash)) ?? (await takeTurn(ledger, { job, hash }));
  } finally {
    await ledger.close();
  }
}

async function reachLedger(settings: Settings): Promise<Ledger> {
  try {
    return await openLedger(settings.database);
  } catch {
    // Whatever it was, preflight meets it again: it says what is wrong, or waits until nothing is.
    const { preflight } = await import("../preflight.ts");
    await preflight(settings, reach);
    return openLedger(settings.database);
  }
}

async function nothingDue(ledger: Ledger, hash: string): Promise<Outcome | undefined> {
  const key = await ledger.find(hash);
  if (key === undefined) return undefined;
  note(
    `nothing is due: the database records these migrations (${Math.round(performance.now())} ms since the process began)`,
  );
  return { migrated: false, publishable_key: key };
}

async function takeTurn(ledger: Ledger, { job, hash }: { job: Job; hash: string }): Promise<Outcome> {
  const shipped = shippedMigrations(job.root);
  if (hash !== shipped) {
    throw new Failure("the release and the image do not belong together", {
      exitCode: 78,
      why: `RELEASE_MIGRATIONS is ${hash}, but this image holds the migrations ${shipped}`,
      fix: "write the image's label io.greenleaf.migrations into the release",
    });
  }
  const { preflight } = await import("../preflight.ts");
  await preflight(job.settings, reach);
  note("waiting for the lock");
  await ledger.lock();
  const meanwhile = await nothingDue(ledger, hash);
  if (meanwhile) return meanwhile;
  note("migrating");
  const { migrateAndSeed } = await import("./migrate-and-seed.ts");
  const isMovedIn = await ledger.wasMovedIn();
  if (isMovedIn) note("this was a shop before: its store, regions, taxes and shipping stay as they are");
  const key = await migrateAndSeed({ ...job, isMovedIn });
  await ledger.record(hash);
  note(`done (${(performance.now() / 1_000).toFixed(1)} s since the process began)`);
  return { migrated: true, publishable_key: key };
}

function note(text: string): void {
  process.stderr.write(`first-run: ${text}\n`);
}
