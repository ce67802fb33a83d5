import { expect, test } from "vitest";
import { secretValues } from "../../../../tests/support/secret-values.ts";
import { Secret } from "../../base/secret.ts";
import { keptSecrets } from "./kept-secrets.ts";
import { renderTemplates } from "./templates/rendering.ts";
import { parseTemplates } from "./templates/template.ts";

const TEMPLATE = [
  "MODE=production",
  'URL=postgres://{{urlencode (secret "db#user")}}:{{urlencode (secret "db#password")}}@{{ssm "host"}}:5432/{{ssm "name"}}',
  'TOKEN={{secret "token"}}',
  'KEYS={{secret "one"}}, {{secret "two"}}',
];

function kept(reader: string, values: Readonly<Record<string, string>>): string[] {
  const templates = parseTemplates(
    new Map([["app.env.hbs", [`# greenleaf: reader=${reader}`, ...TEMPLATE].join("\n")]]),
  );
  const secrets = new Map(
    Object.entries(values).map(([name, value]) => [name, name.startsWith("secret") ? new Secret(value) : value]),
  );
  const { files, problems } = renderTemplates(templates, secrets);
  expect(problems).toEqual([]);
  return keptSecrets(templates, new Map(files.map(({ target, text }) => [target, text])));
}

const valuesFrom = (value: string): Record<string, string> => ({
  "secret db#user": value,
  "secret db#password": `${value}:@/${value}`,
  "ssm host": "db.internal",
  "ssm name": "medusa",
  "secret token": value,
  "secret one": `first ${value}`,
  "secret two": value,
});

test.each(["compose", "node"])(
  "every value that came from outside is found again in what the %s reader gets",
  (reader) => {
    const usable = [...secretValues(600)].map(({ value }) => value).filter((value) => !value.includes(", "));
    for (const value of usable) {
      const values = valuesFrom(value);
      const found = new Set(kept(reader, values));
      for (const [name, given] of Object.entries(values).filter(([, text]) => text !== ""))
        expect(found.has(given), `${name} ${JSON.stringify(given)}`).toBe(true);
    }
  },
);

test("what the release itself says is no secret", () => {
  expect(kept("compose", valuesFrom("hunter2"))).not.toContain("production");
});
