import { expect, test } from "vitest";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { containerSpec, START_INTERVAL } from "./container-body.ts";
import type { PlainMap } from "./read/plain.ts";

const specOf = (healthcheck: PlainMap) => {
  const stack = stackFrom({ services: { web: { image: "x", healthcheck } } });
  const [service] = stack.services;
  if (service === undefined) throw new Error("the stack has no service");
  return containerSpec(stack, service, { imageId: "sha256:i", environment: new Map(), digest: (hashed) => hashed });
};

test("a service with a start period is asked twice a second while it starts, and that is no change of the service", () => {
  const { body, hash } = specOf({ interval: "2s", start_period: "2m0s" });
  expect(body.Healthcheck).toMatchObject({ Interval: 2_000_000_000, StartInterval: START_INTERVAL });
  expect(hash).not.toContain("StartInterval");
});

test.each([
  [{ interval: "2s" }, undefined],
  [{ start_period: "1s", start_interval: "3s" }, 3_000_000_000],
  [{ disable: true }, undefined],
])("a service with %o is asked as its file says", (healthcheck, wanted) => {
  expect((specOf(healthcheck).body.Healthcheck as { StartInterval?: number }).StartInterval).toBe(wanted);
});
