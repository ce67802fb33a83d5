import type { Container } from "../stack/containers.ts";
import { DEPENDENCIES, type Dependency } from "./dependencies.ts";
import type { Health } from "./health-verdict.ts";
import type { Status, Verdict } from "./status/status.ts";

export interface Measured {
  agent: string;
  health: Health;
  draining: boolean;
  /** Servers behind the stack that do not answer; undefined where nobody asks. */
  away?: readonly Dependency[];
  status?: Status;
  containers: readonly Container[];
  /** By service, since the agent started. */
  counts?: ReadonlyMap<string, Readonly<Record<Counted, number>>>;
  /** Milliseconds since the engine last answered. */
  ageMs?: number;
  uptimeSeconds: number;
  memoryBytes: number;
  cpuSeconds: number;
}

interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

const VERDICTS: readonly Verdict[] = ["ready", "degraded", "failed", "booting", "draining"];

/** The daemon's numbers in the Prometheus text format 0.0.4. */
export function metricsText(measured: Measured): string {
  const { status, containers } = measured;
  return [
    gauge("greenleaf_agent_info", "Version of the agent.", [{ labels: { version: measured.agent }, value: 1 }]),
    gauge("greenleaf_healthy", "1 while /healthz answers 200.", [
      { value: bit(measured.health.status !== "unhealthy") },
    ]),
    ...(measured.away === undefined ? [] : [dependencies(measured.away)]),
    gauge("greenleaf_draining", "1 while the node is draining.", [{ value: bit(measured.draining) }]),
    gauge(
      "greenleaf_verdict",
      "1 for the verdict of the last boot.",
      VERDICTS.map((verdict) => ({ labels: { verdict }, value: bit(status?.verdict === verdict) })),
    ),
    gauge(
      "greenleaf_container_healthy",
      "1 while a container of the stack is healthy, or runs and has no health check.",
      containers.map(({ name, service, health }) => ({
        labels: { service, container: name },
        value: bit(health === "healthy" || health === "unchecked"),
      })),
    ),
    counter("greenleaf_container_ends_total", "Ends of a service's containers.", counted(measured, "ends")),
    counter("greenleaf_container_oom_kills_total", "Times it was out of memory.", counted(measured, "oomKills")),
    counter("greenleaf_container_edits_total", "Changes of its limits by hand.", counted(measured, "edits")),
    counter("greenleaf_repairs_total", "Times the agent brought it back.", counted(measured, "repairs")),
    gauge("greenleaf_phase_seconds", "Duration of a phase of the last boot.", phaseSamples(status, "ms", 1000)),
    gauge(
      "greenleaf_phase_attempts",
      "Runs of a phase since the node was last ready.",
      phaseSamples(status, "attempts", 1),
    ),
    gauge("greenleaf_observation_age_seconds", "Since the engine last answered.", optional(measured.ageMs, 1000)),
    gauge("greenleaf_uptime_seconds", "Since the daemon started.", [{ value: measured.uptimeSeconds }]),
    gauge("process_resident_memory_bytes", "Resident memory of the agent.", [{ value: measured.memoryBytes }]),
    metric("process_cpu_seconds_total", "counter", "Processor time of the agent.", [{ value: measured.cpuSeconds }]),
  ].join("");
}

const dependencies = (away: readonly Dependency[]): string =>
  gauge(
    "greenleaf_dependency_up",
    "0 while a server behind the stack does not answer the backend.",
    DEPENDENCIES.map((dependency) => ({ labels: { dependency }, value: bit(!away.includes(dependency)) })),
  );

const bit = (on: boolean): number => (on ? 1 : 0);

const optional = (value: number | undefined, divisor: number): Sample[] =>
  value === undefined ? [] : [{ value: value / divisor }];

function phaseSamples(status: Status | undefined, field: "ms" | "attempts", divisor: number): Sample[] {
  return (status?.phases ?? []).flatMap((phase) => {
    const value = phase[field];
    return value === undefined ? [] : [{ labels: { phase: phase.name }, value: value / divisor }];
  });
}

/** What is counted of a service. */
export type Counted = "ends" | "oomKills" | "repairs" | "edits";

const counted = ({ counts = new Map() }: Measured, what: Counted): Sample[] =>
  [...counts].map(([service, counts]) => ({ labels: { service }, value: counts[what] }));

const counter = (name: string, help: string, samples: readonly Sample[]): string =>
  metric(name, "counter", help, samples);

const gauge = (name: string, help: string, samples: readonly Sample[]): string => metric(name, "gauge", help, samples);

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`);
  return [`# HELP ${name} ${help}\n`, `# TYPE ${name} ${type}\n`, ...lines].join("");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string): string => value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
