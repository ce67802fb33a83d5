import { expect, test } from "vitest";
import type { ConfigurationError } from "../../../base/errors.ts";
import { parseTemplates, references } from "./template.ts";

const HEADER = "# greenleaf: reader=compose";

const problemsOf = (...lines: string[]): readonly string[] => {
  try {
    parseTemplates(new Map([["app.env.hbs", [HEADER, ...lines].join("\n")]]));
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
};

test("references are read with what is said about them, and where they stand", () => {
  const text = [
    HEADER,
    "# a comment with {{nothing}} in it",
    "",
    'URL=postgres://{{urlencode (secret "db#user")}}@{{ssm "db/host"}}:{{ssm "db/port" default="5432"}}/',
    'KEY={{secret "backend#jwt" min=32}}',
    'SHOP_KEY={{ssm "shop/key" from="first-run"}}{{node "zone" default="none"}}',
  ].join("\n");
  const [template] = parseTemplates(new Map([["app.env.hbs", text]]));
  expect({ target: template!.target, reader: template!.reader }).toEqual({ target: "app.env", reader: "compose" });
  expect(references(template!)).toEqual([
    { key: "URL", place: "app.env.hbs:4:16", reference: { kind: "secret", name: "db#user", urlencode: true } },
    { key: "URL", place: "app.env.hbs:4:49", reference: { kind: "ssm", name: "db/host", urlencode: false } },
    {
      key: "URL",
      place: "app.env.hbs:4:67",
      reference: { kind: "ssm", name: "db/port", urlencode: false, default: "5432" },
    },
    {
      key: "KEY",
      place: "app.env.hbs:5:5",
      reference: { kind: "secret", name: "backend#jwt", urlencode: false, min: 32 },
    },
    {
      key: "SHOP_KEY",
      place: "app.env.hbs:6:10",
      reference: { kind: "ssm", name: "shop/key", urlencode: false, from: "first-run" },
    },
    {
      key: "SHOP_KEY",
      place: "app.env.hbs:6:45",
      reference: { kind: "node", name: "zone", urlencode: false, default: "none" },
    },
  ]);
});

test.each([
  ["A={{x}}", '3: {{x}} names no source: write {{ssm "..."}}; known are ssm, secret, node and urlencode'],
  ['A=b{{{ssm "x"}}}', "4: write {{...}}: values are never HTML-escaped, so {{{...}}} and {{&...}} say nothing"],
  ['A={{&ssm "x"}}', "3: write {{...}}: values are never HTML-escaped, so {{{...}}} and {{&...}} say nothing"],
  ['A={{~ssm "x"}}', "3: ~ would eat blanks of the value: leave it out"],
  ["A={{#if x}}1{{/if}}", "3: blocks such as {{#if}} are not allowed: a template holds only references"],
  ["A={{> part}}", "3: partials are not allowed: a template holds only references"],
  ["A={{! note }}", "3: {{! comments}} are not allowed: begin a line with # instead"],
  ['A=C:\\{{ssm "x"}}', "5: a backslash before {{ changes what Handlebars reads: put it elsewhere"],
  ['A={{parameter "x"}}', "3: unknown helper parameter; known are ssm, secret, node and urlencode"],
  ['A={{"ssm" "x"}}', "3: a reference begins with a helper's name; known are ssm, secret, node and urlencode"],
  ["A={{ssm x}}", "3: ssm takes one quoted name, such as db/host"],
  ['A={{ssm "a" "b"}}', "3: ssm takes one quoted name, such as db/host"],
  ['A={{ssm "/a"}}', '9: ssm knows no name "/a"; write one such as db/host'],
  [
    'A={{node "colour"}}',
    '10: node knows no name "colour"; write one such as project, environment, role, region, id, zone, type, account',
  ],
  ['A={{ssm "a" max=3}}', "13: max= is not known here; known are min=, default=, from="],
  ['A={{secret "a#b" default="x"}}', "18: default= is not known here; known are min="],
  ['A={{ssm "a" min=0}}', "13: min= takes a whole number above 0, without quotes"],
  ['A={{ssm "a" min="3"}}', "13: min= takes a whole number above 0, without quotes"],
  ['A={{ssm "a" min=1 min=2}}', "19: min= is given twice"],
  ['A={{ssm "a" default=5}}', "13: default= takes a quoted text"],
  ['A={{ssm "a" from="elsewhere"}}', '13: from= knows only "first-run"'],
  ['A={{ssm "a" from="first-run" default="x"}}', '3: from="first-run" and default= exclude each other'],
  ['A={{urlencode "x"}}', '3: urlencode takes one reference: {{urlencode (secret "db#password")}}'],
  ['A={{urlencode (urlencode (ssm "a"))}}', "15: unknown helper urlencode; known are ssm, secret, node and urlencode"],
  ['A=http://{{secret "a#b"}}@h', '10: a secret inside a URL needs {{urlencode (secret "a#b")}}'],
  ['A={{ssm "a"', '12: the line ends inside {{...}}; write {{ssm "name"}}'],
  ['A={{ssm "a" min=}}', '17: this is no reference Handlebars can read; write {{ssm "name"}}'],
  ["A=x}}", "3: there is a }} without its {{"],
  ["A B=x", "1: a line is KEY=value, a # comment or empty; a key holds A-Z, a-z, 0-9 and _"],
  ["just text", "1: a line is KEY=value, a # comment or empty; a key holds A-Z, a-z, 0-9 and _"],
  [
    'A="x"',
    "3: write the value bare: no quotes around it, no blank at its ends, no # comment after it; the writer quotes it",
  ],
  [
    "A= x",
    "3: write the value bare: no quotes around it, no blank at its ends, no # comment after it; the writer quotes it",
  ],
  [
    "A=x # y",
    "4: write the value bare: no quotes around it, no blank at its ends, no # comment after it; the writer quotes it",
  ],
])("%s is refused with its column", (line, problem) => {
  expect(problemsOf(line)).toEqual([`app.env.hbs:2:${problem}`]);
});

test("every problem of every file is told at once", () => {
  const sources = new Map([
    ["a.env.hbs", "no header\nA=x\nA={{y}}"],
    ["b.txt", `${HEADER}\nB={{ssm x max=1}}`],
  ]);
  expect(() => parseTemplates(sources)).toThrow("render: 7 problems in the templates");
});

test("a # and a blank inside a reference's text are no comment", () => {
  expect(problemsOf('A={{ssm "a" default="b #c"}}')).toEqual([]);
});

test("what an editor of Windows puts in is named, not what it makes of every line", () => {
  const problemsOf = (text: string) => {
    try {
      parseTemplates(new Map([["app.env.hbs", text]]));
      return [];
    } catch (error) {
      return (error as ConfigurationError).problems;
    }
  };
  expect(problemsOf("\ufeff# greenleaf: reader=compose\nA=1\n")).toEqual([
    "app.env.hbs:1:1: there is a byte order mark (BOM): save it as UTF-8 without one",
  ]);
  expect(problemsOf("# greenleaf: reader=compose\r\nA=1\r\n")).toEqual([
    "app.env.hbs:1: the line ends as on Windows (CR LF): save it with LF alone",
  ]);
  expect(problemsOf("# greenleaf: reader=compose\nA\u00a0=1\n")).toEqual([expect.stringContaining("a no-break space")]);
});
