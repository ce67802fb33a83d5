import { expect, test } from "vitest";
import { elementText, queryOutcome } from "./query-answer.ts";

const error = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>no &amp; no</Message></Error></ErrorResponse>`;

test("a whole document behind a 200 is an answer, a cut one is not", () => {
  const xml = `<?xml version="1.0"?>\n<AResponse xmlns="u"><R>x</R></AResponse>\n`;
  expect(queryOutcome(200, xml)).toEqual({ kind: "ok" });
  for (let length = 0; length < xml.trimEnd().length; length += 1) {
    expect(queryOutcome(200, xml.slice(0, length)).kind).toBe("retry");
  }
});

test.each([
  [500, "InternalFailure", { kind: "retry", because: "InternalFailure: no & no" }],
  [400, "Throttling", { kind: "retry", because: "Throttling: no & no" }],
  [403, "RequestTimeTooSkewed", { kind: "retry", because: "RequestTimeTooSkewed: no & no", mend: "clock" }],
  [403, "ExpiredToken", { kind: "retry", because: "ExpiredToken: no & no", mend: "credentials" }],
  [403, "AccessDenied", { kind: "denied", code: "AccessDenied", message: "no & no" }],
  [400, "ValidationError", { kind: "rejected", code: "ValidationError", message: "no & no" }],
])("HTTP %i %s", (status, code, outcome) => {
  expect(queryOutcome(status, error(code))).toEqual(outcome);
});

test("an error without a document is named by its status", () => {
  expect(queryOutcome(400, "bad gateway")).toEqual({ kind: "rejected", code: "HTTP 400", message: "no message" });
  expect(queryOutcome(503, "")).toMatchObject({ kind: "retry" });
});

test("the text of an element is unescaped once", () => {
  expect(elementText("<A><B>&amp;lt; x</B></A>", "B")).toBe("&lt; x");
  expect(elementText("<A></A>", "B")).toBeUndefined();
});
