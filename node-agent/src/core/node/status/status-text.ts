import type { ExitCode } from "../../../base/errors.ts";
import { STATUS_PATH } from "../../../base/paths.ts";
import type { Container } from "../../stack/containers.ts";
import type { Health } from "../health-verdict.ts";
import { EXIT_CODES, OUTCOMES, type VerdictNow } from "./outcome.ts";
import { type Status } from "./status.ts";

/** A service that ends again and again. */
export interface CrashLoop {
  service: string;
  lines: string;
  isNeeded: boolean;
}

/** What `greenleaf-agent status` knows: the document of the last boot and, where it runs, the daemon. */
export interface Known {
  boot?: Status;
  /** There is a document, and it is none: cut short, or of another version. */
  isUnreadable?: true;
  live?: {
    health: Health;
    draining: string | null;
    uptimeSeconds: number;
    containers: readonly Container[];
    /** An agent of before 0.3 does not tell. */
    crashLoops?: readonly CrashLoop[];
  };
}

export function verdictNow({ boot, live }: Known): VerdictNow {
  if (live?.draining != null) return "draining";
  if (boot === undefined) return "unknown";
  if (boot.verdict === "booting" || boot.verdict === "failed" || boot.verdict === "draining") return boot.verdict;
  return live === undefined ? boot.verdict : (troubleNow(live) ?? boot.verdict);
}

function troubleNow(live: NonNullable<Known["live"]>): VerdictNow | undefined {
  const loops = loopsOf(live);
  if (loops.some(({ isNeeded }) => isNeeded)) return OUTCOMES["crash loop"].verdict;
  // A word of another version is not well.
  if (live.health.status !== "ok") return live.health.status === "degraded" ? "degraded" : "unhealthy";
  return loops.length > 0 ? OUTCOMES["optional service"].verdict : undefined;
}

const loopsOf = (live: Known["live"]): readonly CrashLoop[] => live?.crashLoops ?? [];

export const exitCodeOfVerdict = (verdict: VerdictNow): ExitCode => EXIT_CODES[verdict];

/** Colours a text, or gives it as it is where no terminal reads. */
export type Paint = (colour: "green" | "yellow" | "red" | "blue" | "dim", text: string) => string;

const COLOURS = { ready: "green", degraded: "yellow", booting: "yellow", draining: "blue" } as const;

/** The status for people: the verdict first, then why, then the parts. */
export function statusText(known: Known, paint: Paint): string {
  const { boot, live } = known;
  const verdict = verdictNow(known);
  const colour = verdict in COLOURS ? COLOURS[verdict as keyof typeof COLOURS] : "red";
  return [
    `${paint(colour, verdict)}${boot?.release === undefined ? "" : `  release ${boot.release}`}`,
    ...reasonLines(known),
    ...loopsOf(live).flatMap(loopLines),
    ...(boot ? bootLines(boot, paint) : []),
    ...(live ? liveLines(live, paint) : [paint("dim", "agent      not running (greenleaf-agent serve)")]),
  ].join("\n");
}

const NEVER = "this node never booted";
const UNREADABLE = `${STATUS_PATH} cannot be read (cut short, or of another version)`;

function reasonLines({ boot, live, isUnreadable }: Known): string[] {
  const reason = boot?.reason;
  return [
    ...(boot === undefined ? [`why        ${isUnreadable ? UNREADABLE : NEVER}: run greenleaf-agent boot`] : []),
    ...(live !== undefined && live.health.status !== "ok" ? [`health     ${live.health.reason}`] : []),
    ...(reason ? [`what       ${reason.what}`, `why        ${reason.why}`] : []),
    ...(reason?.fix === undefined ? [] : [`fix        ${reason.fix}`]),
    ...(boot?.interrupted ? [`note       the boot of ${boot.interrupted.started} was interrupted`] : []),
  ];
}

function loopLines({ service, lines }: CrashLoop): string[] {
  const printed = lines.split("\n").map((line) => `  | ${line}`);
  return [`crashes    ${service} ends again and again; its last lines:`, ...printed];
}

function bootLines(boot: Status, paint: Paint): string[] {
  const { hook } = boot;
  return [
    `boot       ${boot.verdict}, ${boot.updated}`,
    ...(hook ? [`hook       ${hook.name}: ${hook.result}${hook.delivered ? "" : ", not delivered yet"}`] : []),
    ...boot.phases.map(({ name, attempts, ms, error }) => {
      const time = ms === undefined ? "" : `  ${(ms / 1000).toFixed(2)}s`;
      const tries = attempts > 1 ? paint("dim", `  attempt ${attempts}`) : "";
      return `phase      ${name.padEnd(9)}${time}${tries}${error ? `  ${paint("red", error.what)}` : ""}`;
    }),
  ];
}

function liveLines({ containers, uptimeSeconds }: NonNullable<Known["live"]>, paint: Paint): string[] {
  return [
    `agent      up ${uptimeSeconds} s`,
    ...containers.map(({ service, health, status }) => {
      const colour = health === "healthy" || health === "unchecked" ? "green" : "red";
      return `container  ${service.padEnd(11)} ${paint(colour, health)}  ${paint("dim", status)}`;
    }),
  ];
}
