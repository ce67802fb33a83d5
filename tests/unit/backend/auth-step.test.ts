import { expect, test } from "vitest";
import { authStep } from "../../../images/backend/src/login/attempt-of.ts";
import { actorOf, passwordProblem } from "../../../images/backend/src/login/password.ts";

test.each([
  ["POST", "/user/emailpass", { email: "a@b" }, "login", "a@b"],
  ["POST", "/customer/emailpass", { email: "a@b" }, "login", "a@b"],
  ["POST", "/USER/EMAILPASS/", { email: "a@b" }, "login", "a@b"],
  ["GET", "/user/emailpass", { email: "a@b" }, "login", "a@b"],
  ["HEAD", "/user/emailpass", { email: "a@b" }, "login", "a@b"],
  ["POST", "/customer/emailpass/register", { email: "a@b" }, "login", "a@b"],
  ["POST", "/user/emailpass/register", { email: ["a"] }, "login", undefined],
  ["POST", "/user/emailpass/reset-password", { identifier: "a@b" }, "reset", "a@b"],
  ["POST", "/customer/emailpass/update", { password: "x" }, "login", undefined],
  ["GET", "/user/google/callback", undefined, "login", undefined],
  ["POST", "/mfa/challenges/1/verify", null, "login", undefined],
  ["POST", "/session", undefined, "none", undefined],
  ["DELETE", "/session", undefined, "logout", undefined],
  ["POST", "/token/refresh", undefined, "none", undefined],
  ["GET", "/user/providers", undefined, "none", undefined],
  ["OPTIONS", "/user/emailpass", undefined, "none", undefined],
] as const)("%s /auth%s is a %s attempt", (method, path, body, kind, account) => {
  expect(authStep({ method, path, body })).toMatchObject({ kind, account });
});

test.each([
  ["user", "eleven char", "12 characters"],
  ["user", "twelve chars", undefined],
  ["customer", "seven c", "8 characters"],
  ["customer", "eight ch", undefined],
  ["vendor", "eleven char", "12 characters"],
  ["", "eleven char", "12 characters"],
  // Counted as people count.
  ["customer", "🌿🌿🌿🌿", "8 characters"],
  ["user", "", "12 characters"],
])("a password of %s: %s", (actor, password, said) => {
  const problem = passwordProblem(actor, password);
  if (said === undefined) expect(problem).toBeUndefined();
  else expect(problem).toContain(said);
});

test.each([
  [{ url: "/auth/user/emailpass/register" }, "user"],
  [{ url: "/AUTH/Customer/emailpass/register?x=/auth/user" }, "customer"],
  [{ actor_type: "customer", url: "/auth/user/emailpass" }, "customer"],
  [{}, ""],
])("%j is for %s", (given, actor) => {
  expect(actorOf(given)).toBe(actor);
});
