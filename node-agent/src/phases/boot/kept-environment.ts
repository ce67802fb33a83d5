import { ENVIRONMENT_FOLDER } from "../../base/paths.ts";
import { isText, mapOf, parsed, shape } from "../../base/shape.ts";
import { keptSecrets } from "../../core/config/kept-secrets.ts";
import { type Redact, redactor, withhold } from "../../core/config/redact.ts";
import type { Boot } from "../phase.ts";
import type { Identified, Parsed, Templated } from "../stages.ts";

/** Where the agent's socket for containers is; the one folder below it that they may see. */
export const AGENT_FOLDER = `${ENVIRONMENT_FOLDER}/agent`;
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

/** Files an earlier boot wrote, by name, and when. */
export interface KeptEnvironment {
  readonly at: string;
  readonly files: ReadonlyMap<string, string>;
}

type Known = Boot & Identified & Templated;

/** The set of an earlier boot, if it is whole, unchanged, and of the same templates. */
export async function keptEnvironment(boot: Known & Parsed): Promise<KeptEnvironment | undefined> {
  const record = parseRecord(await boot.world.files.read(RECORD));
  if (record?.source !== sourceOf(boot)) return undefined;
  const files = new Map<string, string>();
  for (const { target } of boot.schema) {
    const text = await boot.world.files.read(`${ENVIRONMENT_FOLDER}/${target}`);
    if (text === undefined || boot.world.digest(text) !== record.files[target]) return undefined;
    files.set(target, text);
  }
  return { at: record.at, files };
}

/** Takes out of a text what is secret in an environment that lies there. */
export function redactKept({ schema }: Parsed, { files }: KeptEnvironment): Redact {
  const secrets = keptSecrets(schema, files);
  return secrets.length === 0 ? withhold : redactor(secrets);
}

/** Records a set that was written; `files` by name. */
export async function recordEnvironment(boot: Known, files: ReadonlyMap<string, string>): Promise<void> {
  const digests = Object.fromEntries([...files].map(([name, text]) => [name, boot.world.digest(text)]));
  const source = sourceOf(boot);
  const before = parseRecord(await boot.world.files.read(RECORD));
  if (before?.source === source && JSON.stringify(before.files) === JSON.stringify(digests)) return;
  const record: EnvironmentRecord = { version: 1, at: boot.world.clock.date().toISOString(), source, files: digests };
  await boot.world.files.write(RECORD, `${JSON.stringify(record)}\n`);
}

/** Of the templates and the parameters path. */
export function sourceOf(boot: Boot & Identified & Templated): string {
  const { parameters } = boot.node.document;
  return boot.world.digest(JSON.stringify([parameters, ...boot.templates]));
}

const isRecord = shape({ version: (value) => value === 1, at: isText, source: isText, files: mapOf(isText) });

const parseRecord = (text: string | undefined): EnvironmentRecord | undefined =>
  parsed(text ?? "", isRecord) as EnvironmentRecord | undefined;
