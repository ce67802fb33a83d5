import { expect, test } from "vitest";
import { TrafficCount } from "./traffic.ts";

const line = (status: number, seconds: number, uri = "/") =>
  JSON.stringify({ logger: "http.log.access", request: { uri }, status, duration: seconds });

function counted(lines: readonly string[]) {
  const count = new TrafficCount();
  for (const one of lines) count.add(one);
  return count.total();
}

test("nothing was asked of it: no requests, and no time", () => {
  expect(counted([])).toEqual({ requests: 0, errors: 0 });
});

test("errors are the node's fault alone: a refusal is an answer", () => {
  const found = counted([200, 302, 404, 499, 500, 503].map((status) => line(status, 0.01)));
  expect(found).toMatchObject({ requests: 6, errors: 2 });
});

test("the balancer's questions, clients that left and other lines count for nothing", () => {
  const others = [
    "",
    "not JSON",
    "{",
    "[]",
    "null",
    '{"level":"info"}',
    JSON.stringify({ logger: "http.log.error", status: 500, duration: 1 }),
  ];
  expect(counted([line(503, 1, "/healthz"), line(0, 3), ...others])).toEqual({ requests: 0, errors: 0 });
  expect(counted([line(200, 1, "/healthz-of-a-customer")]).requests).toBe(1);
});

test("99 of 100 were answered in that time, right to 5 %, whatever the order", () => {
  const times = Array.from({ length: 1_000 }, (_, index) => line(200, (index + 1) / 1_000));
  for (const lines of [times, times.toReversed()]) {
    const { p99Ms = 0 } = counted(lines);
    expect(p99Ms).toBeGreaterThanOrEqual(990);
    expect(p99Ms).toBeLessThanOrEqual(1_040);
  }
  expect(counted([line(200, 0)]).p99Ms).toBe(1);
});
