import { dirname, join } from "node:path";
import { MigrationScriptsMigrator } from "@medusajs/framework/migrations";
import { MedusaModule } from "@medusajs/framework/modules-sdk";
import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys, isFileSkipped, Modules } from "@medusajs/framework/utils";
import { migrate } from "@medusajs/medusa/commands/db/migrate";
import loadMedusa, { initializeContainer } from "@medusajs/medusa/loaders/index";
import type { Job } from "./run-once.ts";
import { type Seeding, seed } from "./seed.ts";

/**
 * Migrates the database and makes the shop's first data, in this process and with one load of Medusa's modules (its
 * own commands start a process for each step, and forget the exit code of the last). Returns the publishable key.
 */
export async function migrateAndSeed(job: Job & Seeding): Promise<string> {
  // Neither jobs nor subscribers may run while tables change under them.
  process.env.MEDUSA_WORKER_MODE = "server";
  await migrateTables(job.root);
  // The migrations leave modules behind that were loaded for migrating only.
  MedusaModule.clearInstances();
  const { container, shutdown } = await loadMedusa({ directory: job.root, skipLoadingEntryPoints: true } as Parameters<
    typeof loadMedusa
  >[0]);
  try {
    await migrateSearch(container);
    await runScripts(container, job.root);
    return await seed(container, job);
  } finally {
    await shutdown();
  }
}

async function migrateTables(directory: string): Promise<void> {
  const container = await initializeContainer(directory);
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER);
  const migrated = await migrate({
    directory,
    container,
    logger,
    // Links that a newer version dropped stay where they are: no data is lost, and nothing is asked for interactively.
    executeSafeLinks: true,
    executeAllLinks: false,
    skipLinks: false,
    // Both would run in processes of their own, each loading Medusa again; see below.
    skipScripts: true,
    skipSearch: true,
    executeAllSearch: false,
    executeSafeSearch: false,
  });
  if (!migrated) throw new Error("Medusa did not migrate the database");
}

/** Brings the search indexes in line with their definitions; one that is no longer defined is left where it is. */
async function migrateSearch(container: MedusaContainer): Promise<void> {
  const search = container.resolve(Modules.SEARCH);
  const plan = await search.createIndexMigrationPlan();
  const due = plan.filter(({ action }) => action !== "drop");
  if (due.some(({ action }) => action !== "noop")) await search.executeIndexMigrationPlan(due);
}

/** Medusa's data migrations. They are recorded in script_migrations; one that is not recorded afterwards is an error. */
async function runScripts(container: MedusaContainer, directory: string): Promise<void> {
  const folders = [
    join(dirname(require.resolve("@medusajs/medusa")), "migration-scripts"),
    join(directory, "src", "migration-scripts"),
  ];
  const migrator = new MigrationScriptsMigrator({ container });
  await migrator.ensureMigrationsTable();
  await migrator.run(folders);
  // A script behind a feature flag that is off is never recorded.
  const pending = (await migrator.getPendingMigrations(folders)).filter((script) => !isFileSkipped(require(script)));
  if (pending.length > 0) throw new Error(`Migration scripts did not finish: ${pending.join(", ")}`);
}
