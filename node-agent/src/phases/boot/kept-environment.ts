import { type Boot, known } from "./phase.ts";

/** Where the .env files are, on tmpfs. */
export const ENVIRONMENT_FOLDER = "/run/greenleaf";
const RECORD = `${ENVIRONMENT_FOLDER}/rendered.json`;

/** Which templates made the files that lie there, and what they held. */
interface EnvironmentRecord {
  readonly version: 1;
  /** When the set was last written, ISO 8601. */
  readonly at: string;
  /** SHA-256 of the templates and the parameters path. */
  readonly source: string;
  /** SHA-256 by file name; every file of the templates. */
  readonly files: Readonly<Record<string, string>>;
}

/** The set of an earlier boot, if it is whole, unchanged, and of the same templates. */
export async function keptEnvironment(boot: Boot): Promise<{ at: string } | undefined> {
  const record = parseRecord(await boot.world.files.read(RECORD));
  if (record?.source !== sourceOf(boot)) return undefined;
  const targets = known(boot, "schema").map(({ target }) => target);
  for (const target of targets) {
    const text = await boot.world.files.read(`${ENVIRONMENT_FOLDER}/${target}`);
    if (text === undefined || boot.world.digest(text) !== record.files[target]) return undefined;
  }
  return { at: record.at };
}

/** Records a set that was written; `files` by name. */
export async function recordEnvironment(boot: Boot, files: ReadonlyMap<string, string>): Promise<void> {
  const digests = Object.fromEntries([...files].map(([name, text]) => [name, boot.world.digest(text)]));
  const source = sourceOf(boot);
  const before = parseRecord(await boot.world.files.read(RECORD));
  if (before?.source === source && JSON.stringify(before.files) === JSON.stringify(digests)) return;
  const record: EnvironmentRecord = { version: 1, at: boot.world.clock.date().toISOString(), source, files: digests };
  await boot.world.files.write(RECORD, `${JSON.stringify(record)}\n`);
}

function sourceOf(boot: Boot): string {
  const { parameters } = known(boot, "node").document;
  return boot.world.digest(JSON.stringify([parameters, ...known(boot, "templates")]));
}

function parseRecord(text: string | undefined): EnvironmentRecord | undefined {
  try {
    const record = JSON.parse(text ?? "null") as EnvironmentRecord | null;
    return record?.version === 1 ? record : undefined;
  } catch {
    // Cut short: the same as none.
    return undefined;
  }
}
