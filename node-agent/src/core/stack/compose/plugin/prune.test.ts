import { expect, test } from "vitest";
import { Pruned } from "./prune.ts";

test("places are taken out by the paths of the whole file, however much is gone already", () => {
  const value = { services: { web: { ports: ["a", "b", { c: 1, d: 2 }, "e"], image: "x" } } };
  const left = new Pruned(value);
  const ports = ["services", "web", "ports"];
  expect(left.take([...ports, 1])).toBe(true);
  expect(left.take([...ports, 1])).toBe(false);
  expect(left.take([...ports, 2, "c"])).toBe(true);
  expect(left.take([...ports, 0])).toBe(true);
  expect(left.take(["services", "web", "none"])).toBe(false);
  expect(left.take([])).toBe(false);
  expect(left.value).toEqual({ services: { web: { ports: [{ d: 2 }, "e"], image: "x" } } });
  expect(left.original([...ports, 0, "d"])).toEqual([...ports, 2, "d"]);
  expect(left.original([...ports, 1])).toEqual([...ports, 3]);
  expect(value.services.web.ports).toHaveLength(4);
});
