import { expect, test } from "vitest";
import { readYaml } from "./yaml-source.ts";

const valueOf = (text: string): unknown => readYaml(text, "f.yml").value;

test("plain numbers are read as Go reads them, quoted ones stay text", () => {
  const text = "a: 0755\nb: 0b101\nc: 1_000\nd: '0755'\ne: yes\nf: 12345678901234567890\ng: 1.50\nh: 0o17";
  expect(valueOf(text)).toEqual({
    a: 493,
    b: 5,
    c: 1000,
    d: "0755",
    e: "yes",
    f: "12345678901234567890",
    g: 1.5,
    h: 15,
  });
});

test("merge keys give way to own keys and to earlier maps", () => {
  const text = "x: &x { a: 1, b: 1 }\ny: &y { b: 2, c: 2 }\nz:\n  c: 3\n  <<: [*x, *y]";
  expect((valueOf(text) as { z: unknown }).z).toEqual({ a: 1, b: 1, c: 3 });
});

test("a value has the place of its key, or of the nearest one above it", () => {
  const { locate } = readYaml("services:\n  web:\n    ports:\n      - 80\n", "f.yml");
  expect(locate(["services", "web", "ports"])).toBe("f.yml:3:5");
  expect(locate(["services", "web", "ports", 0])).toBe("f.yml:4:9");
  expect(locate(["services", "web", "none", "deeper"])).toBe("f.yml:2:3");
});

test.each([
  ["!!binary aGVsbG8=", "!!binary"],
  ["!!timestamp '2001-01-01'", "!!timestamp"],
  ["!!set {x, y}", "!!set"],
  ["!!omap [x: 1]", "!!omap"],
  ["!reset [1]", "!reset"],
  ["!override {b: 1}", "!override"],
  ["!<foo> x", "foo"],
])("%s is refused wherever it stands: a tag that YAML readers do not agree about", (value, tag) => {
  const { problems, locate } = readYaml(`a:\n  b: ${value}\n`, "f.yml");
  expect(problems).toEqual([{ path: ["a", "b"], message: `tag ${tag} is not supported` }]);
  expect(locate(["a", "b"])).toBe("f.yml:2:3");
});

test("bytes are no key", () => {
  expect(readYaml("!!binary aGVsbG8=: x\n", "f.yml").problems).toEqual([
    { path: [], message: "a key must be a string" },
  ]);
});

test("YAML's own tags are read as what they say", () => {
  expect(
    readYaml("a: [!!str 3, !!map {b: !!int 1}, !!seq [!!bool true, !!null '', !!float 1.5]]", "f.yml"),
  ).toMatchObject({
    value: { a: ["3", { b: 1 }, [true, null, 1.5]] },
    problems: [],
  });
});
