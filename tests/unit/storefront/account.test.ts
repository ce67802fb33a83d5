import { expect, test } from "vitest";
import { isLongEnough, readLogin } from "../../../images/storefront/src/shop/account-form.ts";

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
