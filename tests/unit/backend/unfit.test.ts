import { expect, test } from "vitest";
import { answeringUnfit, holdsZero, isUnfit } from "../../../images/backend/src/http/unfit.ts";

const failure = (code: unknown, message = "x"): Error => Object.assign(new Error(message), { code });

test.each(["22021", "22007", "22008", "2201W", "2201X", "22P02", "22P05", "22003"])(
  "a data exception of PostgreSQL (%s) is the fault of what was asked",
  (code) => {
    expect(isUnfit(failure(code))).toBe(true);
  },
);

test("so is a path that is no UTF-8, and a negative number of things", () => {
  expect(isUnfit(new URIError("Failed to decode param '%ff'"))).toBe(true);
  expect(isUnfit(new Error("A non-negative integer must be provided to offset."))).toBe(true);
});

test("whatever else fails stays the shop's own fault", () => {
  for (const code of ["23505", "40001", "57P01", "08006", "42P01", "ECONNREFUSED", "220211", 22021, undefined])
    expect(isUnfit(failure(code)), String(code)).toBe(false);
  for (const other of [undefined, null, "22021", 5, {}, new Error("offset"), new TypeError("x is undefined")])
    expect(isUnfit(other)).toBe(false);
});

test("what is unfit is answered with 400, and all else in Medusa's own way", () => {
  const answers: unknown[] = [];
  const response = {
    setHeader: () => undefined,
    status: (code: number) => ({ json: (body: object) => void answers.push([code, body]) }),
  };
  const handle = answeringUnfit((error: unknown, _request: object, _response: never, _next: () => void) => {
    answers.push(error);
  });
  // Else Express would call it for every request, as if it were no handler of errors.
  expect(handle).toHaveLength(4);
  const [unfit, own] = [failure("22021"), failure("23505")];
  for (const error of [unfit, own]) handle(error, {}, response as never, () => undefined);
  expect(answers).toEqual([[400, { type: "invalid_data", message: expect.stringMatching(/cannot be/) }], own]);
});

test("a zero byte is found wherever it stands in a query or a body, and in nothing else", () => {
  for (const value of ["\0", "a\0b", { a: "\0" }, { "a\0": 1 }, [[["\0"]]], { a: undefined, b: [undefined, "\0"] }])
    expect(holdsZero([{}, value])).toBe(true);
  const deep = { text: "a", list: [1, null, undefined, true, { b: ["%00", "\\u0000"] }], bytes: Buffer.from("\0") };
  for (const value of [deep, undefined, null, 0, "", {}, []]) expect(holdsZero([value, undefined])).toBe(false);
});
