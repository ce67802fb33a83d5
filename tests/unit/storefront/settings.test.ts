import { expect, test } from "vitest";
import { parseSettings } from "../../../images/storefront/src/settings.ts";

const GOOD = {
  BACKEND_URL: "http://backend:9000",
  PUBLISHABLE_KEY: `pk_${"a1".repeat(32)}`,
  MEDIA_URL: "https://media.example.com/",
  SHOP_TITLE: "GreenLeaf",
  SHOP_COUNTRY: "fr",
  SHOP_URL: "https://shop.example.com",
};

test("a complete environment becomes settings, without trailing slashes", () => {
  expect(parseSettings(GOOD)).toEqual({
    settings: {
      backendUrl: "http://backend:9000",
      publishableKey: GOOD.PUBLISHABLE_KEY,
      mediaUrl: "https://media.example.com",
      shopTitle: "GreenLeaf",
      shopCountry: "fr",
      shopUrl: "https://shop.example.com",
      theme: "",
      sendsMail: false,
    },
  });
});

test.each([
  ["", false],
  [" ", false],
  ["mail.example.com", true],
])("with the mail server %j pages may say that a mail comes: %s", (name, sendsMail) => {
  expect(parseSettings({ ...GOOD, MAIL_HOST: name })).toMatchObject({ settings: { sendsMail } });
});

test("CSS of one's own is taken as it is, braces in a text too", () => {
  const theme = ':root { --leaf: #7a2048 } a::after { content: "}" }';
  expect(parseSettings({ ...GOOD, SHOP_THEME: ` ${theme} ` })).toMatchObject({ settings: { theme } });
});

test("an empty environment gives every missing name at once", () => {
  const parsed = parseSettings({});
  expect("problems" in parsed && parsed.problems).toEqual(Object.keys(GOOD).map((name) => `${name} is missing`));
});

test.each([
  ["BACKEND_URL", "backend:9000"],
  ["BACKEND_URL", "ftp://backend"],
  ["PUBLISHABLE_KEY", "sk_a1a1a1a1a1a1"],
  ["MEDIA_URL", "https://media.example.com/?x=1"],
  ["SHOP_TITLE", "line\nbreak"],
  ["SHOP_TITLE", "x".repeat(81)],
  ["SHOP_COUNTRY", "FR"],
  ["SHOP_COUNTRY", "fra"],
  ["SHOP_URL", "/shop"],
  ["SHOP_THEME", ":root { --leaf: #7a2048"],
  ["SHOP_THEME", "} :root { --leaf: #7a2048 "],
  ["SHOP_THEME", "a\nb"],
  ["SHOP_THEME", "x".repeat(4_001)],
])("%s = %j is refused by name, and the value is not repeated", (name, value) => {
  const parsed = parseSettings({ ...GOOD, [name]: value });
  const problems = "problems" in parsed ? parsed.problems : [];
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} `));
  expect(problems[0]).not.toContain(value);
});
