import { AGENT_VERSION } from "../../base/version.ts";
import { metricsText } from "../../core/node/metrics.ts";
import type { View } from "../app/view.ts";
import { pageHtml } from "./page.ts";

export interface Answer {
  status: number;
  type: string;
  body: string;
}

export type Answers = Readonly<Record<string, (view: View) => Answer>>;

const json = (status: number, value: unknown): Answer => ({
  status,
  type: "application/json",
  body: `${JSON.stringify(value)}\n`,
});

function healthz(view: View): Answer {
  const health = view.health();
  return json(health.status === "unhealthy" ? 503 : 200, health);
}

/** All that the daemon answers on loopback. */
export const ANSWERS: Answers = {
  "/healthz": healthz,
  "/livez": () => json(200, { status: "ok" }),
  "/metrics": (view) => ({
    status: 200,
    type: "text/plain; version=0.0.4; charset=utf-8",
    body: `${metrics(view)}${view.routerMetrics}`,
  }),
  "/status": (view) => json(200, liveStatus(view)),
  "/": (view) => ({ status: 200, type: "text/html; charset=utf-8", body: pageHtml(liveStatus(view)) }),
};

/** What Caddy may ask through the socket, on behalf of the load balancer and of strangers: the word, not the reason. */
export const SOCKET_ANSWERS: Answers = {
  "/healthz": (view) => {
    const { status } = view.health();
    return json(status === "unhealthy" ? 503 : 200, { status });
  },
};

export type LiveStatus = ReturnType<typeof liveStatus>;

function liveStatus(view: View) {
  return {
    agent: AGENT_VERSION,
    pid: process.pid,
    since: view.startedAt.toISOString(),
    uptimeSeconds: Math.round(process.uptime()),
    health: view.health(),
    draining: view.draining ?? null,
    boot: view.status ?? null,
    crashLoops: view.crashLoops.map((loop) => ({ ...loop, isNeeded: view.isNeeded(loop.service) })),
    counts: Object.fromEntries(view.counts),
    containers: view.containers.map(({ id, ...container }) => ({ ...container, id: id.slice(0, 12) })),
    traffic: view.traffic(),
    events: view.events,
    history: view.history,
  };
}

function metrics(view: View): string {
  const { ageMs, away, role } = view.observation();
  const { user, system } = process.cpuUsage();
  return metricsText({
    agent: AGENT_VERSION,
    health: view.health(),
    draining: view.draining !== undefined,
    ...(view.status === undefined ? {} : { status: view.status }),
    containers: view.containers,
    counts: view.counts,
    ...(ageMs === undefined ? {} : { ageMs }),
    ...(role === "router" || away === undefined ? {} : { away }),
    uptimeSeconds: Math.round(process.uptime()),
    memoryBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  });
}
