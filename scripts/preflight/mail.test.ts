import { expect, test } from "vitest";
import { identitiesOf, mailNeed } from "./mail.ts";

const host = "email-smtp.eu-west-3.amazonaws.com";

test.each<[what: string, parameters: Record<string, string>, found: object | undefined]>([
  ["its host and the sender beside it", { "/a/mail/host": host, "/a/mail/from": "a@b.fr" }, { from: "a@b.fr" }],
  ["a sender with a name", { "/a/smtp/host": host, "/a/smtp/sender": "Shop <a@b.fr>" }, { from: "a@b.fr" }],
  ["a host alone", { "/a/mail/host": host, "/b/mail/from": "a@b.fr" }, { from: "" }],
  ["an address that is no sender", { "/a/mail/host": host, "/a/mail/reply": "a@b.fr" }, { from: "" }],
  ["another server", { "/a/mail/host": "smtp.example.com", "/a/mail/from": "a@b.fr" }, undefined],
  ["a host of that name elsewhere", { "/a/mail/host": `${host}.example.com` }, undefined],
  ["nothing", {}, undefined],
])("Amazon's mail service is known by %s", (_, parameters, found) => {
  const expected = found === undefined ? undefined : { region: "eu-west-3", ...found };
  expect(mailNeed(Object.entries(parameters))).toEqual(expected);
});

test("an address is verified by itself, its domain or one above, never by a top-level domain", () => {
  expect(identitiesOf("a@mail.shop.fr")).toEqual(["a@mail.shop.fr", "mail.shop.fr", "shop.fr"]);
  expect(identitiesOf("")).toEqual([]);
});
