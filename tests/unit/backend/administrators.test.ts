import { expect, test } from "vitest";
import { type Administrator, chosen } from "../../../images/backend/src/keeper/administrators.ts";

const anna: Administrator = { id: "1", email: "Anna@shop.example", identityId: "a" };
const ben: Administrator = { id: "2", email: "ben@shop.example", identityId: "b" };
const twin: Administrator = { id: "3", email: "anna@shop.example", identityId: "c" };

test.each<[string, Administrator[], string | undefined, Administrator]>([
  ["the only one needs no name", [anna], undefined, anna],
  ["a name in other letters", [anna, ben], "anna@SHOP.example", anna],
  ["of two that differ in letters only, the one as written", [anna, twin], "anna@shop.example", twin],
])("%s", (_, all, email, found) => expect(chosen(all, email)).toBe(found));

test.each<[string, Administrator[], string | undefined, string]>([
  ["two and no name", [anna, ben], undefined, "the administrators are Anna@shop.example, ben@shop.example"],
  ["a name nobody has", [anna], "x@shop.example", "the administrators are Anna@shop.example"],
  ["a shop without any", [], undefined, "the shop has no administrator with a password"],
])("%s is refused, with those there are", (_, all, email, why) => {
  expect(() => chosen(all, email)).toThrow(expect.objectContaining({ exitCode: 64, why }));
});
