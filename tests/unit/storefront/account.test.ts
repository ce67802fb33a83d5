import { expect, test } from "vitest";
import { isLongEnough, readEmail, readLogin, readToken } from "../../../images/storefront/src/shop/account-form.ts";

const login = (email: string, password: string) => readLogin((name) => (name === "email" ? email : password));

test("an address is read without blanks and case, a password as it is", () => {
  expect(login(" Ana@Example.com ", " Secret ")).toEqual({ email: "ana@example.com", password: " Secret " });
  expect([login("ana", "x"), login("ana@example.com", ""), login("ana@example.com", "x".repeat(101))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a password is measured in letters, as the backend measures it", () => {
  expect([isLongEnough("1234567"), isLongEnough("12345678"), isLongEnough("🌵🌵🌵🌵")]).toEqual([false, true, false]);
});

test("an address alone is read as one of a login is", () => {
  expect(readEmail(() => " Ana@Example.com ")).toBe("ana@example.com");
  expect([readEmail(() => undefined), readEmail(() => "ana")]).toEqual([undefined, undefined]);
});

test.each([undefined, "", "a.b", "a.b.c.d", "a.b.c&x=1", "a.b.c\r\n", `a.b.${"c".repeat(2_000)}`])(
  "%j is no token of a link",
  (token) => expect(readToken(token)).toBeUndefined(),
);

test("a token of a link is taken as it is", () => {
  expect(readToken("eyJh-_.eyJl.s1g")).toBe("eyJh-_.eyJl.s1g");
});
