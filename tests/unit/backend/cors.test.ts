import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../../images/backend/src/environment.ts";
import { renderTemplates } from "../../../node-agent/src/core/config/templates/rendering.ts";
import { parseTemplates } from "../../../node-agent/src/core/config/templates/template.ts";

const TEMPLATE = readFileSync(join(import.meta.dirname, "../../../compose/env/backend.env.hbs"), "utf8");

/** What the backend reads of the parameters as a node renders them. */
function corsWith(parameters: Readonly<Record<string, string>>) {
  const values = Object.entries({ "backend/cors": "https://shop.example", ...parameters });
  const named = new Map(values.map(([name, value]) => [`ssm ${name}`, value] as const));
  const [file] = renderTemplates(parseTemplates(new Map([["backend.env.hbs", TEMPLATE]])), named).files;
  const lines = [...(file?.lines ?? [])].filter(([key]) => key.endsWith("_CORS"));
  const env = Object.fromEntries(lines.map(([key, line]) => [key, line.slice(key.length + 1)]));
  const { settings, problems } = readSettings(env);
  return { ...settings.cors, problems: problems.map(({ key }) => key).filter((key) => key.endsWith("_CORS")) };
}

test("without a word the shop's own address alone may use its API", () => {
  const own = "https://shop.example";
  expect(corsWith({})).toEqual({ store: own, admin: own, auth: own, problems: [] });
});

test("a site elsewhere is let into shop or admin by its own parameter, and logs in either way", () => {
  const sites = {
    "backend/store_cors": "https://a.example,https://b.example",
    "backend/admin_cors": "https://c.example",
  };
  expect(corsWith(sites)).toEqual({
    store: "https://shop.example,https://a.example,https://b.example",
    admin: "https://shop.example,https://c.example",
    auth: "https://shop.example,https://a.example,https://b.example,https://c.example",
    problems: [],
  });
});
