import { ENVIRONMENT_FOLDER, GOOD_VALUES_PATH, REFUSED_VALUES_PATH } from "../../base/paths.ts";
import { isText, mapOf, parsed, shape } from "../../base/shape.ts";
import { type KeptEnvironment, recordEnvironment, sourceOf } from "../boot/kept-environment.ts";
import type { Boot } from "../phase.ts";
import type { Identified, Templated } from "../stages.ts";
import { keepOnDisk } from "./after-reboot.ts";
import { recordVersions } from "./seen-versions.ts";

type Known = Boot & Identified & Templated;

/** The .env files with which the stack was last seen healthy. */
interface GoodValues {
  readonly version: 1;
  /** When that was, ISO 8601. */
  readonly at: string;
  /** Of the templates and the parameters path. */
  readonly source: string;
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Keeps the files that lie there: the stack is healthy with them. Written only when they are others than before. */
export async function keepGoodValues(boot: Known): Promise<void> {
  await recordVersions(boot);
  const files = Object.fromEntries(await lyingThere(boot));
  const before = parseGood(await boot.world.files.read(GOOD_VALUES_PATH));
  const source = sourceOf(boot);
  await keepOnDisk(boot, files);
  if (before?.source === source && JSON.stringify(before.files) === JSON.stringify(files)) return;
  // Whatever was refused before, this works.
  if (boot.refused === undefined) await boot.world.files.remove(REFUSED_VALUES_PATH);
  const good: GoodValues = { version: 1, at: boot.world.clock.date().toISOString(), source, files };
  await boot.world.files.write(GOOD_VALUES_PATH, `${JSON.stringify(good)}\n`);
}

/** What a boot of the same templates can go back to; undefined where none was healthy yet. */
export async function goodValues(boot: Known): Promise<KeptEnvironment | undefined> {
  const good = parseGood(await boot.world.files.read(GOOD_VALUES_PATH));
  return good?.source === sourceOf(boot) ? { at: good.at, files: new Map(Object.entries(good.files)) } : undefined;
}

/** Whether the files that lie there are others. */
export async function areReplaced(boot: Known, { files }: KeptEnvironment): Promise<boolean> {
  const there = await lyingThere(boot);
  return [...files].some(([name, text]) => there.get(name) !== text);
}

/** Puts them in the place of those that lie there, all or none. */
export async function putBack(boot: Known, { files }: KeptEnvironment): Promise<void> {
  const wanted = [...files].map(([name, content]) => ({ path: `${ENVIRONMENT_FOLDER}/${name}`, content }));
  const staged = await boot.world.files.stage(wanted);
  try {
    for (const { path } of wanted) await staged.commit(path);
  } finally {
    await staged.discard();
  }
  await recordEnvironment(boot, files);
}

async function lyingThere({ world, templates }: Known): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const name of [...templates.keys()].sort()) {
    const target = name.replace(/\.hbs$/, "");
    const text = await world.files.read(`${ENVIRONMENT_FOLDER}/${target}`);
    if (text !== undefined) files.set(target, text);
  }
  return files;
}

const isGood = shape({ version: (value) => value === 1, at: isText, source: isText, files: mapOf(isText) });

const parseGood = (text: string | undefined): GoodValues | undefined =>
  parsed(text ?? "", isGood) as GoodValues | undefined;
