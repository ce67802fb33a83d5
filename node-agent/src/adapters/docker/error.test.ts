import { expect, test } from "vitest";
import { EngineGone, PermissionError, TemporaryError } from "../errors.ts";
import { engineError } from "./docker-error.ts";

const failed = (message: string, more: object): Error => Object.assign(new Error(message), more);

test("a daemon that is away, a socket that is closed to us and a refusal are told apart", () => {
  for (const code of ["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE", "ETIMEDOUT"]) {
    expect(engineError("list", failed("connect", { code }))).toBeInstanceOf(EngineGone);
  }
  expect(engineError("list", failed("socket hang up", {}))).toBeInstanceOf(EngineGone);
  expect(engineError("list", failed("connect", { code: "EACCES" }))).toBeInstanceOf(PermissionError);
  const refused = engineError(
    "create x",
    failed("(HTTP code 409)", { statusCode: 409, json: { message: "name\n in use" } }),
  );
  expect(refused).toBeInstanceOf(TemporaryError);
  expect(refused).not.toBeInstanceOf(EngineGone);
  expect(refused).toMatchObject({ message: "create x failed", why: "name in use", exitCode: 75 });
});
