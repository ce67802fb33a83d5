import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readShopFile, shopParameters } from "./shop-file.ts";

const of = (shop: object) => shopParameters(JSON.stringify({ shop }));

test("a shop is told what the file says of it, and nothing else", () => {
  expect(of({ title: "Canopy & Sons", currency: "eur", countries: ["de", "fr"], country: "de", tax_rate: 19 })).toEqual(
    {
      parameters: {
        "shop/title": "Canopy & Sons",
        "shop/currency": "eur",
        "shop/countries": "de,fr",
        "shop/country": "de",
        "shop/tax_rate": "19",
      },
    },
  );
  expect(of({ title: "Canopy" })).toEqual({ parameters: { "shop/title": "Canopy" } });
  expect(of({ title: " Canopy  & Sons " })).toEqual({ parameters: { "shop/title": " Canopy  & Sons " } });
});

test("CSS of one's own becomes one line", () => {
  expect(of({ theme: ":root {\n  --leaf: #7a2048;\n}\n" })).toEqual({
    parameters: { "shop/theme": ":root { --leaf: #7a2048; }" },
  });
  expect(of({ theme: "x".repeat(4_001) })).toEqual({ problems: ["theme is no CSS of at most 4000 characters"] });
  expect(of({ theme: "" })).toEqual({ problems: ["theme is no CSS of at most 4000 characters"] });
});

test("all that is wrong is told at once", () => {
  const wrong = { title: "a\nb", currency: "EUR", countries: ["fr"], country: "de", tax_rate: "20", constructor: 1 };
  const { problems } = of(wrong) as { problems: string[] };
  expect(problems).toHaveLength(5);
  expect(problems.join()).toMatch(/title.*currency.*tax_rate.*constructor is unknown.*country is none of countries/);
});

test.each(["", "{}", "[]", '{"shop":null}', '{"shop":"Canopy"}'])("%j is no such file", (text) => {
  expect(shopParameters(text)).toEqual({ problems: ['it is no JSON of the form { "shop": { "title": ... } }'] });
});

test("a file that is not there is named", async () => {
  const refusal = { code: "usage.shop", exitCode: 64, why: "there is no such file" };
  await expect(readShopFile("/nowhere/shop.tfvars.json")).rejects.toMatchObject(refusal);
});

test("the files that docs/your-shop.md shows are taken", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/your-shop.md"), "utf8");
  const files = [...page.matchAll(/^```json\n([^]*?)^```/gm)].map(([, file = ""]) => file);
  expect(files).toHaveLength(2);
  for (const file of files) expect(shopParameters(file)).toHaveProperty("parameters");
});
