import { expect, test } from "vitest";
import type { InspectedContainer } from "./engine.ts";
import { reached, WaitFailed } from "./health.ts";

const container = (more: Partial<InspectedContainer> = {}): InspectedContainer => ({
  id: "1",
  state: "running",
  upMs: 60_000,
  exitCode: 0,
  error: "",
  health: undefined,
  lastCheck: undefined,
  healthTest: undefined,
  restarts: 0,
  restartPolicy: "always",
  networks: [],
  volumes: [],
  ...more,
});
const answer = (more: Partial<InspectedContainer>, condition: Parameters<typeof reached>[1]): unknown => {
  const { done, ...rest } = reached(container(more), condition, 0) as {
    done: boolean;
    value?: unknown;
    why?: string;
  };
  if (!done) return `wait: ${rest.why}`;
  return rest.value instanceof WaitFailed ? `hopeless: ${rest.value.why}` : "reached";
};

test.each([
  [{}, "service_started", "reached"],
  [{}, "settled", "reached"],
  [{ upMs: 5 }, "settled", "wait: it was started this moment"],
  [{}, "service_healthy", "hopeless: it has no health check to wait for"],
  [{ health: "healthy" }, "service_healthy", "reached"],
  [{ health: "starting", lastCheck: "refused\n" }, "service_healthy", "wait: its health is starting: refused"],
  [{ health: "unhealthy", lastCheck: "refused" }, "settled", "hopeless: it is unhealthy: refused"],
  [{}, "service_completed_successfully", "wait: it has not ended"],
  [{ state: "exited" }, "service_completed_successfully", "reached"],
  [{ state: "exited", exitCode: 3 }, "service_completed_successfully", "hopeless: it ended with code 3"],
  [{ state: "exited", restartPolicy: "no" }, "settled", "reached"],
  [{ state: "exited", restartPolicy: "no" }, "service_healthy", "hopeless: it ended with code 0"],
  [
    { state: "exited", exitCode: 127, error: "no such file" },
    "settled",
    "hopeless: it ended with code 127: no such file",
  ],
  [{ state: "restarting", restarts: 2 }, "settled", "wait: it is restarting"],
  [{ state: "restarting", restarts: 5, exitCode: 1 }, "settled", "hopeless: it ended 5 times, last with code 1"],
] as const)("%o waited for as %s: %s", (more, condition, expected) => {
  expect(answer(more, condition)).toBe(expected);
});

test("a container that is gone is not waited for", () => {
  expect(reached(undefined, "service_started", 0)).toMatchObject({ done: true, value: { why: "it is gone" } });
});
