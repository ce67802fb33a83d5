import type { Container } from "./containers.ts";
import type { Health } from "./health-verdict.ts";
import type { Status, Verdict } from "./status.ts";

export interface Measured {
  agent: string;
  health: Health;
  draining: boolean;
  status?: Status;
  containers: readonly Container[];
  /** Milliseconds since the engine last answered. */
  ageMs?: number;
  uptimeSeconds: number;
  residentBytes: number;
  cpuSeconds: number;
}

interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

const VERDICTS: readonly Verdict[] = ["ready", "degraded", "failed", "booting", "draining"];

/** The resident agent's numbers in the Prometheus text format 0.0.4. */
export function metricsText(measured: Measured): string {
  const { status, containers } = measured;
  return [
    gauge("greenleaf_agent_info", "Version of the agent.", [{ labels: { version: measured.agent }, value: 1 }]),
    gauge("greenleaf_healthy", "1 while /healthz answers 200.", [{ value: bit(measured.health.status === "ok") }]),
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
    gauge("greenleaf_phase_seconds", "Duration of a phase of the last boot.", phaseSamples(status, "ms", 1000)),
    gauge(
      "greenleaf_phase_attempts",
      "Runs of a phase since the node was last ready.",
      phaseSamples(status, "attempts", 1),
    ),
    gauge("greenleaf_observation_age_seconds", "Since the engine last answered.", optional(measured.ageMs, 1000)),
    gauge("greenleaf_uptime_seconds", "Since the resident agent started.", [{ value: measured.uptimeSeconds }]),
    gauge("process_resident_memory_bytes", "Resident memory of the agent.", [{ value: measured.residentBytes }]),
    metric("process_cpu_seconds_total", "counter", "Processor time of the agent.", [{ value: measured.cpuSeconds }]),
  ].join("");
}

const bit = (on: boolean): number => (on ? 1 : 0);

const optional = (value: number | undefined, divisor: number): Sample[] =>
  value === undefined ? [] : [{ value: value / divisor }];

function phaseSamples(status: Status | undefined, field: "ms" | "attempts", divisor: number): Sample[] {
  return (status?.phases ?? []).flatMap((phase) => {
    const value = phase[field];
    return value === undefined ? [] : [{ labels: { phase: phase.name }, value: value / divisor }];
  });
}

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
