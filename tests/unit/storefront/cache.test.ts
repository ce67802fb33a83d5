import { expect, test } from "vitest";
import { createCache } from "../../../images/storefront/src/shop/cache.ts";

function setUp(options: { maxEntries?: number } = {}) {
  let time = 0;
  const cache = createCache({
    freshMs: 5000,
    staleMs: 60_000,
    maxEntries: options.maxEntries ?? 10,
    patienceMs: 20,
    now: () => time,
  });
  let asked = 0;
  const load = async () => {
    asked += 1;
    return asked;
  };
  return { cache, load, asked: () => asked, pass: (ms: number) => void (time += ms) };
}

test("an answer serves until it is five seconds old, and not a moment longer", async () => {
  const { cache, load, pass } = setUp();
  expect(await cache.get("a", load)).toBe(1);
  pass(4999);
  expect(await cache.get("a", load)).toBe(1);
  pass(1);
  expect(await cache.get("a", load)).toBe(2);
});

test("each key has its own answer, so that one region's prices never show in another", async () => {
  const { cache } = setUp();
  expect(await cache.get("list reg_1 1", async () => "20 EUR")).toBe("20 EUR");
  expect(await cache.get("list reg_2 1", async () => "22 USD")).toBe("22 USD");
});

test("a hundred visitors at the same moment ask the backend once", async () => {
  const { cache, load, asked } = setUp();
  const answers = await Promise.all(Array.from({ length: 100 }, () => cache.get("a", load)));
  expect(new Set(answers)).toEqual(new Set([1]));
  expect(asked()).toBe(1);
});

test("while asking again fails, the last answer stands in for a minute and the failure shows after that", async () => {
  const { cache, load, pass } = setUp();
  const fail = () => Promise.reject(new Error("away"));
  await cache.get("a", load);
  pass(60_000);
  expect(await cache.get("a", fail)).toBe(1);
  pass(1);
  await expect(cache.get("a", fail)).rejects.toThrow("away");
});

test("a failure is not remembered", async () => {
  const { cache, load } = setUp();
  await expect(cache.get("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await cache.get("a", load)).toBe(1);
});

test("only the newest answers are kept", async () => {
  const { cache, load, asked } = setUp({ maxEntries: 2 });
  for (const key of ["a", "b", "c", "c", "b"]) await cache.get(key, load);
  expect(asked()).toBe(3);
  await cache.get("a", load);
  expect(asked()).toBe(4);
});

test("a backend that hangs is not waited for by whom the last answer can be given", async () => {
  const { cache, load, pass } = setUp();
  await cache.get("a", load);
  pass(5000);
  const { promise, resolve: answer } = Promise.withResolvers<number>();
  const hang = () => promise;
  expect(await cache.get("a", hang)).toBe(1);
  answer(7);
  await expect.poll(() => cache.get("a", load)).toBe(7);
});

test("a large answer counts as fresh for longer, and stands in for longer", async () => {
  const { cache, load, pass } = setUp();
  const long = { freshMs: () => 100_000 };
  await cache.get("a", load, long);
  pass(99_999);
  expect(await cache.get("a", load, long)).toBe(1);
  pass(1);
  expect(await cache.get("a", load, long)).toBe(2);
});
