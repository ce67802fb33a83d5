import { expect, test } from "vitest";
import { EngineGone, PermissionError, TemporaryError } from "../../base/errors.ts";
import { engineError } from "./error.ts";

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

test("a value that the engine does not take is a fault of the configuration, which no retry fixes", () => {
  const error = failed("(HTTP code 400)", { statusCode: 400, json: { message: "invalid IP address" } });
  expect(engineError("create container gl-web-1", error)).toMatchObject({
    message: "create container gl-web-1 failed",
    why: "invalid IP address",
    exitCode: 78,
  });
});
