import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStatus, type Status } from "../../node-agent/src/core/node/status/status.ts";
import { busyboxImage } from "../integration/busybox-image.ts";
import { removeRoot } from "./remove-root.ts";

export interface HealthBody {
  status: string;
  reason?: string;
}

export interface TestNode {
  readonly root: string;
  readonly project: string;
  /** The health with its reason, from the socket of this machine's programs. */
  healthz(): Promise<{ status: number; body: HealthBody }>;
  status(): Status | undefined;
  writeStatus(status: Status): void;
  /** Starts a container of the stack; `health` is a shell command, none for no health check. */
  start(
    service: string,
    options?: { health?: string; dependsOn?: string; command?: string; stopSeconds?: number },
  ): string;
  remove(): void;
}

let count = 0;

/** A node below a temporary root with a project of its own on the real engine. */
export function newTestNode(endpoints: Record<string, string> = { imds: "none" }): TestNode {
  const root = mkdtempSync(join(tmpdir(), "gl-"));
  const project = `greenleaf-test-${process.pid}-${(count += 1)}`;
  const document = {
    version: 1,
    project,
    environment: "test",
    role: "app",
    parameters: "/greenleaf/test",
    release: "file:///release.json",
    region: "eu-west-3",
    endpoints,
  };
  mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
  mkdirSync(join(root, "var/lib/greenleaf"), { recursive: true });
  writeFileSync(join(root, "etc/greenleaf/node.json"), JSON.stringify(document));
  const statusPath = join(root, "var/lib/greenleaf/status.json");
  return {
    root,
    project,
    healthz: () => ask(join(root, "run/greenleaf/agent.sock"), "/healthz"),
    status: () => parseStatus(readFileSync(statusPath, "utf8")),
    writeStatus: (status) => writeFileSync(statusPath, JSON.stringify(status)),
    start: (service, options = {}) => startContainer(project, service, options),
    remove: () => {
      const ids = docker("ps", "-aq", "--filter", `label=com.docker.compose.project=${project}`);
      if (ids !== "") docker("rm", "-f", "-v", ...ids.split("\n"));
      removeRoot(root);
    },
  };
}

export const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

function startContainer(project: string, service: string, options: Parameters<TestNode["start"]>[1] & object): string {
  const { health, dependsOn = "", command = "sleep 3600", stopSeconds = 1 } = options;
  const labels = {
    "com.docker.compose.project": project,
    "com.docker.compose.service": service,
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.depends_on": dependsOn,
  };
  const check =
    health === undefined ? [] : ["--health-cmd", health, "--health-interval", "500ms", "--health-retries", "1"];
  return docker(
    "run",
    "--detach",
    "--name",
    `${project}-${service}-1`,
    ...Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
    "--stop-timeout",
    String(stopSeconds),
    ...check,
    busyboxImage(),
    "/bin/sh",
    "-c",
    command,
  );
}

/** Asks over a unix socket, as Caddy does. */
export function ask(socketPath: string, path: string): Promise<{ status: number; body: HealthBody }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, host: "agent" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as HealthBody }));
    });
    sent.on("error", reject).end();
  });
}

/** Waits for a condition and gives how long it took in milliseconds. */
export async function within(ms: number, what: string, holds: () => Promise<boolean> | boolean): Promise<number> {
  const start = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - start;
    if (performance.now() - start > ms) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
