import { expect, test } from "vitest";
import { parseNodeDocument } from "./node-document.ts";

const valid = {
  version: 1,
  project: "greenleaf",
  environment: "prod",
  role: "app",
  parameters: "/greenleaf/prod",
  release: "ssm:/greenleaf/prod/release",
};

const problemsOf = (document: unknown): readonly string[] => {
  try {
    parseNodeDocument(JSON.stringify(document), "node.json");
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
};

test("a valid document is read as it is", () => {
  expect(parseNodeDocument(JSON.stringify(valid), "node.json")).toEqual(valid);
});

test("every problem is told at once, with its path", () => {
  const problems = problemsOf({
    ...valid,
    role: "database",
    parameters: "greenleaf",
    endpoints: { aws: "ftp://x" },
    note: 1,
  });
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(["role", "parameters", "endpoints.aws", "document"]);
});

test.each(["/greenleaf/../prod", "/greenleaf/.", "/..", "/a/.../b", "/a//b", "/a/"])(
  "%s is no place of parameters",
  (parameters) => {
    expect(problemsOf({ ...valid, parameters })).toEqual([expect.stringMatching(/^parameters: use an absolute path/)]);
  },
);

test.each(["/greenleaf/prod.2", "/.hidden/a..b"])("%s is a place of parameters", (parameters) => {
  expect(() => parseNodeDocument(JSON.stringify({ ...valid, parameters }), "x")).not.toThrow();
});

test("a document over 4 KB, one that is not JSON and one of another version are refused", () => {
  expect(problemsOf({ ...valid, project: "x".repeat(5000) })[0]).toContain("at most 4096");
  expect(() => parseNodeDocument("{", "node.json")).toThrow("not a valid node document");
  expect(problemsOf({ ...valid, version: 2 })[0]).toMatch(/^version: /);
});

test("the database is reached at a port that there is", () => {
  const at = (database: string) => problemsOf({ ...valid, endpoints: { database } });
  for (const database of ["db:0", "db:65536", "db:99999999"])
    expect(at(database), database).toEqual([expect.stringMatching(/^endpoints\.database: use a port from 1/)]);
  expect(() => parseNodeDocument(JSON.stringify({ ...valid, endpoints: { database: "db:65535" } }), "x")).not.toThrow();
});
