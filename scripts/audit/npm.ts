import { boundedAnswer } from "../../node-agent/src/base/bounded-body.ts";
import { LOCK_FILES, type LockedPackage, lockedPackages } from "./lock-files.ts";
import { type Part, part } from "./report.ts";

const WITHIN_MS = 60_000;
const MAX_BYTES = 8 * 1024 * 1024;
const AT_ONCE = 8;

interface Advisory {
  readonly title: string;
  readonly severity: string;
  readonly url: string;
  readonly vulnerable_versions: string;
}

/** What the registry's audit endpoint knows of every locked package. */
export async function advisories(registry: string): Promise<Part> {
  const findings: string[] = [];
  const unreached: string[] = [];
  for (const file of LOCK_FILES) {
    const asked = await askAdvisories(registry, await lockedPackages(file));
    if (typeof asked === "string") unreached.push(`advisories of ${file}: ${asked}`);
    else findings.push(...asked.map((advisory) => `${file}: ${advisory}`));
  }
  return part("npm advisories", { findings, unreached });
}

/** One line an advisory; a text where there was no usable answer. */
export async function askAdvisories(registry: string, packages: readonly LockedPackage[]): Promise<string[] | string> {
  const versions: Record<string, string[]> = {};
  for (const { name, version } of packages) (versions[name] ??= []).push(version);
  const url = new URL("-/npm/v1/security/advisories/bulk", registry);
  const headers = { "content-type": "application/json" };
  const answer = await answerOf(url, { method: "POST", headers, body: JSON.stringify(versions) });
  if (typeof answer === "string") return answer;
  return Object.entries(answer as Record<string, readonly Advisory[]>).flatMap(([name, known]) =>
    known.map(
      ({ title, severity, url, vulnerable_versions: range }) => `${name} ${range}: ${severity}, ${title} (${url})`,
    ),
  );
}

/** Reasons by package, or by package and version: why a deprecated one stays. */
export type KeptDeprecated = Readonly<Record<string, string>>;

/** Deprecated packages as the lock files say it; with `ask` the registry is asked for each as well. */
export async function deprecations(registry: string, kept: KeptDeprecated, ask: boolean): Promise<Part> {
  const all = new Map<string, LockedPackage>();
  for (const file of LOCK_FILES)
    for (const one of await lockedPackages(file)) all.set(`${one.name}@${one.version}`, one);
  const packages = [...all.values()];
  const { told, unreached } = ask ? await askDeprecations(registry, packages) : unasked(packages);
  return judge(told, kept, { packages, unreached });
}

// A registry may leave the word out of what it serves; then the lock files know of none, whatever is deprecated.
function unasked(packages: readonly LockedPackage[]): Told {
  const told = new Map(
    packages.flatMap(({ name, version, deprecated }) =>
      deprecated === undefined ? [] : [[`${name}@${version}`, deprecated] as const],
    ),
  );
  const silent = "the lock files carry no word of deprecation: made from a registry that leaves it out; use --ask";
  return { told, unreached: told.size === 0 ? [silent] : [] };
}

interface Told {
  readonly told: ReadonlyMap<string, string>;
  readonly unreached: readonly string[];
}

/** Every deprecated package must be in the kept list with a reason; what the list names must still be there. */
export function judge(
  told: ReadonlyMap<string, string>,
  reasons: KeptDeprecated,
  { packages, unreached }: { packages: readonly LockedPackage[]; unreached: readonly string[] },
): Part {
  const reasonOf = ({ name, version }: LockedPackage) => reasons[`${name}@${version}`] ?? reasons[name];
  const known = packages.flatMap((one) => {
    const reason = reasonOf(one);
    return reason === undefined ? [] : [`${one.name}@${one.version}: ${reason}`];
  });
  const unknown = packages.flatMap((one) => {
    const word = told.get(`${one.name}@${one.version}`);
    return word === undefined || reasonOf(one) !== undefined ? [] : [`${one.name}@${one.version}: ${word}`];
  });
  const there = new Set(packages.flatMap(({ name, version }) => [name, `${name}@${version}`]));
  const stale = Object.keys(reasons).filter((name) => !there.has(name));
  return part("deprecated npm packages", {
    findings: [...unknown, ...stale.map((name) => `${name}: is in the kept list and in no lock file`)],
    kept: known,
    unreached,
  });
}

async function askDeprecations(registry: string, packages: readonly LockedPackage[]): Promise<Told> {
  const told = new Map<string, string>();
  const unreached: string[] = [];
  const waiting = [...packages];
  const worker = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const answer = await answerOf(new URL(`${one.name.replace("/", "%2f")}/${one.version}`, registry), {});
      const word = typeof answer === "string" ? undefined : (answer as { deprecated?: unknown }).deprecated;
      if (typeof answer === "string") unreached.push(`${one.name}@${one.version}: ${answer}`);
      else if (typeof word === "string" && word !== "") told.set(`${one.name}@${one.version}`, word);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { told, unreached };
}

/** JSON of at most 8 MB within a minute, or why not. */
async function answerOf(url: URL, request: RequestInit): Promise<object | string> {
  try {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(WITHIN_MS) });
    if (!answer.ok) {
      await answer.body?.cancel();
      return `${url.host} answers ${answer.status}`;
    }
    const value: unknown = JSON.parse((await boundedAnswer(answer, MAX_BYTES)).toString());
    return typeof value === "object" && value !== null ? value : `${url.host} answers with no object`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${url.host}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
