import { boundedAnswer } from "../../node-agent/src/base/bounded-body.ts";
import type { RecordedPackage } from "./debian-packages.ts";
import { compareVersions } from "./debian-version.ts";
import { type Part, part } from "./report.ts";

const TRACKER = "https://security-tracker.debian.org/tracker/data/json";
const RELEASE = "trixie";
const WITHIN_MS = 120_000;
/** The whole of it has some 70 MB. */
const MAX_BYTES = 256 * 1024 * 1024;

interface Issue {
  readonly releases?: Readonly<
    Record<string, { readonly status?: string; readonly fixed_version?: string; readonly urgency?: string }>
  >;
}
export type Tracker = Readonly<Record<string, Readonly<Record<string, Issue>>>>;

/** What Debian's security team knows of the packages in the images. `sources` names each package's source. */
export async function securityTracker(
  records: readonly RecordedPackage[],
  sources: ReadonlyMap<string, string>,
  address = TRACKER,
): Promise<Part> {
  const title = "Debian's security tracker";
  const tracker = await load(address);
  if (typeof tracker === "string") return part(title, { unreached: [`${address}: ${tracker}`] });
  return part(title, judgeIssues(tracker, records, sources));
}

/** Fixed in Debian and not in the image: to be fixed. Open in Debian itself: told, by number. */
export function judgeIssues(
  tracker: Tracker,
  records: readonly RecordedPackage[],
  sources: ReadonlyMap<string, string>,
): Pick<Part, "findings" | "kept"> {
  const findings: string[] = [];
  const kept: string[] = [];
  for (const { image, name, version } of records) {
    const issues = Object.entries(tracker[sources.get(name) ?? name] ?? {});
    const of = (status: string) =>
      issues.flatMap(([id, { releases }]) => {
        const here = releases?.[RELEASE];
        return here?.status === status && here.urgency !== "unimportant"
          ? [{ id, fixed: here.fixed_version ?? "0" }]
          : [];
      });
    // A rebuild of the same source has +bN behind its version.
    const source = version.replace(/\+b\d+$/, "");
    for (const { id, fixed } of of("resolved"))
      if (compareVersions(source, fixed) < 0) findings.push(`${image}: ${name} ${version}: ${id} is fixed in ${fixed}`);
    const open = of("open").map(({ id }) => id);
    if (open.length > 0)
      kept.push(
        `${image}: ${name} ${version}: ${open.length} not fixed by Debian yet (${open.slice(0, 3).join(", ")})`,
      );
  }
  return { findings, kept };
}

async function load(address: string): Promise<Tracker | string> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(WITHIN_MS) });
    if (!answer.ok) return `HTTP ${answer.status}`;
    return JSON.parse((await boundedAnswer(answer, MAX_BYTES)).toString()) as Tracker;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}
