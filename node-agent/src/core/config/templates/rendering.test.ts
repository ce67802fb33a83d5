import { expect, test } from "vitest";
import { Secret } from "../../../base/secret.ts";
import { renderTemplates } from "./rendering.ts";
import { parseTemplates } from "./template.ts";

const rendered = (lines: readonly string[], values: Record<string, string | Secret>, reader = "compose") => {
  const text = [`# greenleaf: reader=${reader}`, ...lines].join("\n");
  return renderTemplates(parseTemplates(new Map([["app.env.hbs", text]])), new Map(Object.entries(values)));
};

const linesOf = (...given: Parameters<typeof rendered>) => [...(rendered(...given).files[0]?.lines.values() ?? [])];

test("values are put in as data, composed and encoded, and are never evaluated", () => {
  const values = {
    "ssm host": '{{ssm "host"}} $(id)',
    "secret db#user": new Secret("a:b"),
    "secret db#password": new Secret("p@ss/w'ord!"),
  };
  const url = 'URL=postgres://{{urlencode (secret "db#user")}}:{{urlencode (secret "db#password")}}@db';
  expect(linesOf(['HOST={{ssm "host"}}', url], values)).toEqual([
    `HOST='{{ssm "host"}} $(id)'`,
    "URL=postgres://a%3Ab:p%40ss%2Fw%27ord%21@db",
  ]);
});

test("a default stands in for a value that does not exist, not for one that is empty", () => {
  const line = 'A={{ssm "a" default="d"}}';
  expect([linesOf([line], {}), linesOf([line], { "ssm a": "" })]).toEqual([["A=d"], ["A="]]);
});

test("a file waits for what the first-run job produces, and the others do not", () => {
  const sources = new Map([
    ["a.env.hbs", '# greenleaf: reader=node\nA={{ssm "key" from="first-run"}}'],
    ["b.env.hbs", "# greenleaf: reader=node\nB=1"],
  ]);
  const { files, waiting } = renderTemplates(parseTemplates(sources), new Map());
  expect(files.map(({ target }) => target)).toEqual(["b.env"]);
  expect(waiting).toEqual([{ target: "a.env", values: ["ssm key"] }]);
});

test("what cannot be used is told by key and length, all at once, never by value", () => {
  const values = {
    "secret s#short": new Secret("hunter2"),
    "secret s#nul": new Secret("hunter2\0"),
    "ssm secure": new Secret("hunter2"),
    "ssm scheme": "https://",
  };
  const lines = ['A={{secret "s#short" min=8}}', 'B={{secret "s#nul"}}', 'C={{ssm "scheme"}}{{ssm "secure"}}@h'];
  expect(rendered(lines, values).problems).toEqual([
    "app.env A (app.env.hbs:2): secret s#short has 7 characters; at least 8 are needed",
    "app.env B (app.env.hbs:3): it holds a NUL, which no environment can carry",
    "app.env C (app.env.hbs:4): ssm secure is a secret inside a URL: write {{urlencode (...)}}",
  ]);
});

test("a URL that is a secret as a whole is no secret inside a URL", () => {
  expect(rendered(['A={{secret "s#url"}}'], { "secret s#url": new Secret("https://user:pw@host") }).problems).toEqual(
    [],
  );
});

test("a key that base64 would need is not overwritten", () => {
  const { problems } = rendered(['A={{ssm "a"}}', "A_B64=mine"], { "ssm a": "'\"`#" }, "node");
  expect(problems).toEqual(["app.env A: needs the key A_B64, which is taken"]);
});

test("a value outside of the words that its template names is refused before anything starts", () => {
  const lines = ["# greenleaf: SOURCE is one of cloud, local", 'SOURCE={{ssm "media/source" default="cloud"}}'];
  const given = (value?: string) => rendered(lines, value === undefined ? {} : { "ssm media/source": value }).problems;
  expect([given(), given("cloud"), given("local")]).toEqual([[], [], []]);
  for (const value of ["", "r2", "Cloud", "cloud ", "local\n"])
    expect(given(value), value).toEqual(["app.env SOURCE (app.env.hbs:3): the value is none of cloud, local"]);
});

test("what nobody sees and what breaks a URL is refused by name; encoded it is told and kept", () => {
  const url = ['URL=postgres://{{urlencode (secret "db#password")}}@{{ssm "host"}}:5432/medusa'];
  const given = (host: string, password: string) =>
    rendered(url, { "ssm host": host, "secret db#password": new Secret(password) });
  expect(given("db.example.test\n", "x").problems).toEqual([
    "app.env URL (app.env.hbs:2): ssm host has a line end, and it is part of a URL",
  ]);
  const { problems, remarks } = given("db.example.test", "hunter2\n");
  expect([problems, remarks]).toEqual([[], ["secret db#password begins or ends with a line end"]]);
  expect(given("db.example.test", "hun ter\n2").remarks).toEqual([]);
});
