import { expect, test } from "vitest";
import { encodeLine, type Reader } from "./dotenv.ts";
import { diffEnv, diffText } from "./env-diff.ts";

const file = (reader: Reader, values: Record<string, string>) => {
  const lines = new Map(
    Object.entries(values).map(([key, value]) => {
      const spelled = encodeLine(reader, key, value);
      return [key, spelled.ok ? spelled.line : ""] as const;
    }),
  );
  return { target: "app.env", lines, text: ["# head", ...lines.values(), ""].join("\n") };
};

const told = (reader: Reader, before: Record<string, string>, after: Record<string, string>) =>
  diffText(diffEnv(file(reader, before).text, file(reader, after), reader));

test("changed, added and removed keys are told apart, by name", () => {
  const before = { SAME: "it's $x", CHANGED: "a", GONE: "b" };
  expect(told("compose", before, { SAME: "it's $x", CHANGED: "c", NEW: "d" })).toBe(
    "changed CHANGED; added NEW; 1 removed",
  );
});

test("a value that spans lines and looks like keys is one value", () => {
  const before = { A: "x\nB=1\n#\n", Z: "'\"`#" };
  expect(told("node", before, { ...before, B: "2" })).toBe("added B");
  expect(told("node", before, { ...before, Z: "'\"`##" })).toBe("changed Z");
});

test("a file that is not ours tells no names of its own", () => {
  expect(diffText(diffEnv("garbage hunter2\nhunter3=x\n", file("compose", { A: "1" }), "compose"))).toBe("added A");
  expect(diffText(diffEnv("hunter3=x\nA=1\n", file("compose", { A: "1" }), "compose"))).toBe("1 removed");
});
