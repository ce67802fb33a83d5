import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { AgentError } from "../../node-agent/src/base/errors.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import { findMirrors, sourcesLines } from "../images/base/apt-settings.ts";
import { distFolder } from "../images/folders.ts";
import { compareVersions } from "./debian-version.ts";
import { type Part, part } from "./report.ts";
import { securityTracker } from "./security-tracker.ts";

/** A Debian package in an image, as its build wrote it down. */
export interface RecordedPackage {
  readonly image: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** A version that a suite offers. */
export interface Offer {
  readonly name: string;
  readonly version: string;
  readonly isBackport: boolean;
}

export interface Offered {
  readonly offers: readonly Offer[];
  /** By package: the name of its source. */
  readonly sources: ReadonlyMap<string, string>;
}

const APT_MS = 180_000;

/** Compares what images hold with the newest of the release's suites, and with what the security team knows. */
export async function debianParts(images: readonly string[]): Promise<Part[]> {
  const folder = join(distFolder, "packages");
  const [records, built] = await Promise.all([recordedPackages(folder), recordFiles(folder)]);
  // An image with nothing from Debian but what it stands on has an empty record.
  const missing = images.filter((image) => !built.includes(`${image}.jsonl`));
  const unreached = missing.map((image) => `image ${image}: not built here (sudo ./greenleaf images ${image})`);
  const title = "Debian packages of the images";
  if (records.length === 0) return [part(title, { unreached })];
  try {
    const { offers, sources } = await offersOf(sourcesLines(await findMirrors()), records);
    const unknown = records.filter(({ name }) => !offers.some((offer) => offer.name === name));
    const untold = unknown.map(({ image, name }) => `${image}: no suite offers ${name}`);
    const packages = part(title, { findings: outdated(records, offers), unreached: [...unreached, ...untold] });
    return [packages, await securityTracker(records, sources)];
  } catch (error) {
    const why = error instanceof AgentError ? `${error.message}: ${error.why}` : String(error);
    const lists = part(title, { unreached: [...unreached, `Debian's package lists: ${why}`] });
    return [lists, await securityTracker(records, new Map())];
  }
}

/** What is older than the newest offered: of backports only for what comes from there. */
export function outdated(records: readonly RecordedPackage[], offers: readonly Offer[]): string[] {
  return records.flatMap(({ image, name, version }) => {
    const isBackport = version.includes("~bpo");
    const versions = offers
      .filter((offer) => offer.name === name && (isBackport || !offer.isBackport))
      .map((offer) => offer.version)
      .sort(compareVersions);
    const newest = versions.at(-1);
    if (newest === undefined || compareVersions(version, newest) >= 0) return [];
    return [`${image}: ${name} ${version} is older than ${newest} (sudo ./greenleaf images ${image} --fresh)`];
  });
}

async function recordFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => name.endsWith(".jsonl")).sort();
}

export async function recordedPackages(folder: string): Promise<RecordedPackage[]> {
  const files = await recordFiles(folder);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text, index) => recordsIn(text, basename(files[index] ?? "", ".jsonl")));
}

function recordsIn(text: string, image: string): RecordedPackage[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const { name, version, architecture } = JSON.parse(line) as Omit<RecordedPackage, "image">;
    return { image, name, version, architecture };
  });
}

/** What these sources offer, asked of apt below a folder of its own: the machine's own lists stay as they are. */
export async function offersOf(
  sources: readonly string[],
  records: readonly Pick<RecordedPackage, "name" | "architecture">[],
): Promise<Offered> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-audit-"));
  try {
    for (const name of ["lists/partial", "cache/archives/partial", "etc"])
      await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "etc/audit.sources"), `${sources.join("\n")}\n`);
    await writeFile(join(folder, "status"), "");
    const architecture = records.find((record) => record.architecture !== "all")?.architecture ?? "amd64";
    const options = aptOptions(folder, architecture);
    await exec(["apt-get", ...options, "-qq", "update", "--error-on=any"], { timeoutMs: APT_MS });
    const names = [...new Set(records.map(({ name }) => name))];
    const ask = (verb: string, ...more: string[]) =>
      exec(["apt-cache", ...options, verb, ...more, ...names], { timeoutMs: APT_MS, accept: [0, 100] });
    const offers = offersIn((await ask("madison")).stdout);
    return { offers, sources: sourcesIn((await ask("show", "--no-all-versions")).stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function aptOptions(folder: string, architecture: string): string[] {
  const settings = {
    "Dir::Etc::SourceList": "/dev/null",
    "Dir::Etc::SourceParts": join(folder, "etc"),
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Lines of `apt-cache madison`: name, version, and where it is offered. */
export function offersIn(madison: string): Offer[] {
  return madison.split("\n").flatMap((line) => {
    const [name = "", version = "", place = ""] = line.split("|").map((field) => field.trim());
    return version === "" || place.endsWith("Sources")
      ? []
      : [{ name, version, isBackport: /-backports\//.test(place) }];
  });
}

function sourcesIn(shown: string): ReadonlyMap<string, string> {
  const stanzas = shown
    .split("\n\n")
    .map((stanza) => [/^Package: (\S+)/m.exec(stanza)?.[1], /^Source: (\S+)/m.exec(stanza)?.[1]]);
  return new Map(stanzas.flatMap(([name, source]) => (name === undefined ? [] : [[name, source ?? name] as const])));
}
