import { GOOD_VALUES_ON_DISK_PATH } from "../../base/paths.ts";
import { isText, mapOf, parsed, shape } from "../../base/shape.ts";
import { type KeptEnvironment, sourceOf } from "../boot/kept-environment.ts";
import type { Boot } from "../phase.ts";
import type { Identified, Templated } from "../stages.ts";

type Known = Boot & Identified & Templated;

/** The .env files with which the stack was last healthy, for a reboot that finds no AWS. */
interface KeptOnDisk {
  readonly version: 1;
  /** When a boot last found the stack healthy with them, ISO 8601. */
  readonly at: string;
  /** Whose they are; a disk that was made from this one's picture is another node's. */
  readonly bound: string;
  /** Of the templates and the parameters path. */
  readonly source: string;
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60_000;
/** Passwords that are older were changed meanwhile, or should have been. */
const TOO_OLD_MS = 30 * DAY_MS;

/** Only of an instance: its root is encrypted, and it goes with the instance. */
export async function keepOnDisk(boot: Known, files: Readonly<Record<string, string>>): Promise<void> {
  const bound = boundTo(boot);
  if (bound === undefined) return;
  const { world } = boot;
  const now = world.clock.date();
  const kept: KeptOnDisk = { version: 1, at: now.toISOString(), bound, source: sourceOf(boot), files };
  const before = parseKept(await world.files.read(GOOD_VALUES_ON_DISK_PATH));
  const isSame = before !== undefined && JSON.stringify({ ...before, at: kept.at }) === JSON.stringify(kept);
  if (isSame && now.getTime() - Date.parse(before.at) < DAY_MS) return;
  await world.files.write(GOOD_VALUES_ON_DISK_PATH, `${JSON.stringify(kept)}\n`);
}

/** What this very node, in this very role, was healthy with not too long ago; undefined where there is none. */
export async function keptOnDisk(boot: Known): Promise<KeptEnvironment | undefined> {
  const kept = parseKept(await boot.world.files.read(GOOD_VALUES_ON_DISK_PATH));
  if (kept === undefined || kept.bound !== boundTo(boot) || kept.source !== sourceOf(boot)) return undefined;
  const ageMs = boot.world.clock.date().getTime() - Date.parse(kept.at);
  // Of a time to come: the clock is wrong, and says nothing of its age.
  if (!(ageMs >= 0 && ageMs <= TOO_OLD_MS)) return undefined;
  return { at: kept.at, files: new Map(Object.entries(kept.files)) };
}

function boundTo({ world, node }: Known): string | undefined {
  const { instance, document } = node;
  if (instance === undefined) return undefined;
  const { project, environment, role } = document;
  return world.digest(JSON.stringify([instance.accountId, instance.id, project, environment, role]));
}

const isKept = shape({
  version: (value) => value === 1,
  at: isText,
  bound: isText,
  source: isText,
  files: mapOf(isText),
});

const parseKept = (text: string | undefined): KeptOnDisk | undefined =>
  parsed(text ?? "", isKept) as KeptOnDisk | undefined;
