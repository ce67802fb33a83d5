import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { EQUIVALENTS, isListed } from "./equivalents.ts";
import { testsFor } from "./measure.ts";
import { type Mutant, mutantsOf, mutated, recording } from "./mutants.ts";
import { sample, seeded } from "./sample.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const shown = (source: string) => mutantsOf("a.ts", source).map(({ operator, shown }) => `${operator}: ${shown}`);

test("a comparison is moved by its boundary and turned round", () => {
  expect(shown("a < b")).toEqual(["boundary: < -> <=", "negation: < -> >="]);
  expect(shown("a === b")).toEqual(["negation: === -> !=="]);
});

test("a condition is turned round, and what depends on it is swapped", () => {
  expect(shown("if (a) b = c;")).toEqual(["negation: a -> !(a)"]);
  expect(shown("a = b ? c : d")).toEqual(["negation: b -> !(b)", "swapped return: b ? c : d -> (b) ? (d) : (c)"]);
  expect(shown("a = !b && c")).toEqual(["negation: && -> ||", "negation: !b -> b"]);
});

test("numbers, truth and single words are changed; sentences and words for people are not", () => {
  expect(shown("a = 3_000")).toEqual(["constant: 3_000 -> 0", "constant: 3_000 -> 3001"]);
  expect(shown("a = 0")).toEqual(["constant: 0 -> 1"]);
  expect(shown('a = [true, "word", "two words", { why: "word" }]')).toEqual([
    "constant: true -> false",
    'constant: "word" -> ""',
  ]);
});

test("sums, products and what is added become their opposites, but not joined text", () => {
  expect(shown("a += b * c")).toEqual(["arithmetic: += -> -=", "arithmetic: * -> /"]);
  expect(shown('a = b + "two words"')).toEqual([]);
});

test("calls are dropped where nobody reads their answer, and so is waiting for one", () => {
  expect(shown("f(a);")).toEqual(["dropped call: f(a); -> ;"]);
  expect(shown("await f(a);")).toEqual(["dropped call: await f(a); -> ;", "dropped await: await f(a) -> (f(a))"]);
  expect(shown("a = b.filter(c)")).toEqual(["dropped call: b.filter(c) -> (b)"]);
});

test("blocks are emptied, and what is returned is not", () => {
  expect(shown("function f() { return a; }")).toEqual([
    "emptied block: { return a; } -> {}",
    "swapped return: a -> undefined",
  ]);
});

test("types and what is imported from where are left alone", () => {
  expect(shown('import { a } from "b"; type C = "d" | 1; let e: "f" = g as "h";')).toEqual([]);
});

test("a mutant names its line, and the source differs from the original at its place alone", () => {
  const source = "a = 1;\nif (b > 2) c();\n";
  const [, , , boundary] = mutantsOf("a.ts", source);
  expect(boundary).toMatchObject({ line: 2, shown: "> -> >=" });
  expect(mutated(source, boundary as Mutant)).toBe("a = 1;\nif (b >= 2) c();\n");
});

test("a recording source tells which functions were reached and computes the same", () => {
  const seen: string[] = [];
  const source = "const twice = (a) => a * 2; function other() { return 1; } result(twice(4));";
  const within = (text: string) => mutantsOf("a.ts", source).find(({ shown }) => shown === text)?.within;
  const results: number[] = [];
  const context = {
    mutantHit: (name: string) => seen.push(name),
    result: (result: number) => results.push(result),
  };
  runInNewContext(recording(source, String), context);
  expect(results).toEqual([8]);
  expect(seen).toEqual([String(within("* -> /"))]);
  expect(seen).not.toContain(String(within("1 -> 2")));
});

test("a mutant is judged by the tests that reach its function, the quick ones first", () => {
  const mutant = { file: "a.ts", within: 7 } as Mutant;
  const recorded = [
    { file: "slow.test.ts", ms: 9, hits: ["a.ts:7"] },
    { file: "other.test.ts", ms: 1, hits: ["a.ts:8", "b.ts:7"] },
    { file: "quick.test.ts", ms: 2, hits: ["a.ts:7", "a.ts:8"] },
  ];
  expect(testsFor(mutant, recorded)).toEqual(["quick.test.ts", "slow.test.ts"]);
  expect(testsFor({ ...mutant, within: undefined }, recorded)).toEqual([
    "other.test.ts",
    "quick.test.ts",
    "slow.test.ts",
  ]);
});

test("the same seed chooses the same mutants, another one others", () => {
  const all = Array.from({ length: 100 }, (_, index) => index);
  expect(sample(all, 10, seeded(1))).toEqual(sample(all, 10, seeded(1)));
  expect(sample(all, 10, seeded(1))).not.toEqual(sample(all, 10, seeded(2)));
  expect(sample(all, 1_000, seeded(1))).toEqual(all);
});

test("every equivalent that is listed is a mutant of today's sources, and says why nobody can notice it", () => {
  const stale = EQUIVALENTS.filter((one) => {
    const source = readFileSync(join(ROOT, one.file), "utf8");
    return one.why === "" || !mutantsOf(one.file, source).some((mutant) => isListed(mutant, source, [one]));
  });
  expect(stale).toEqual([]);
});
