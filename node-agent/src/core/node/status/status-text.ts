import { EXIT, type ExitCode } from "../errors.ts";
import type { Container } from "./containers.ts";
import type { Health } from "./health-verdict.ts";
import type { Status, Verdict } from "./status.ts";

/** What `greenleaf-agent status` knows: the document of the last boot and, where it runs, the resident agent. */
export interface Known {
  boot?: Status;
  live?: { health: Health; draining: string | null; uptimeSeconds: number; containers: readonly Container[] };
}

/** The verdict of now: the last boot's, unless the resident agent sees something else. */
export type VerdictNow = Verdict | "unhealthy" | "unknown";

const EXIT_CODES: Readonly<Record<VerdictNow, ExitCode>> = {
  ready: EXIT.ready,
  degraded: EXIT.degraded,
  failed: EXIT.unhealthy,
  unhealthy: EXIT.unhealthy,
  unknown: EXIT.unhealthy,
  booting: EXIT.temporary,
  draining: EXIT.temporary,
};

export function verdictNow({ boot, live }: Known): VerdictNow {
  if (live?.draining != null) return "draining";
  if (boot === undefined) return "unknown";
  if (boot.verdict === "booting" || boot.verdict === "failed" || boot.verdict === "draining") return boot.verdict;
  return live?.health.status === "unhealthy" ? "unhealthy" : boot.verdict;
}

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
    ...(boot ? bootLines(boot, paint) : []),
    ...(live ? liveLines(live, paint) : [paint("dim", "agent      not running (greenleaf-agent serve)")]),
  ].join("\n");
}

function reasonLines({ boot, live }: Known): string[] {
  const reason = boot?.reason;
  return [
    ...(boot === undefined ? ["why        this node never booted: run greenleaf-agent boot"] : []),
    ...(live?.health.status === "unhealthy" ? [`health     ${live.health.reason}`] : []),
    ...(reason ? [`what       ${reason.what}`, `why        ${reason.why}`] : []),
    ...(reason?.fix === undefined ? [] : [`fix        ${reason.fix}`]),
    ...(boot?.interrupted ? [`note       the boot of ${boot.interrupted.started} was interrupted`] : []),
  ];
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
