import { expect, test } from "vitest";
import { linkFor } from "../../../images/backend/src/modules/media/link.ts";

const signed = "http://aws:4566/private/private/a%20b.csv?X-Amz-Signature=s&X-Amz-Date=1";

test.each([
  [
    "http://localhost:8080/files",
    "http://localhost:8080/files/private/private/a%20b.csv?X-Amz-Signature=s&X-Amz-Date=1",
  ],
  [undefined, signed],
])("a link for the browser at %s keeps all that was signed", (browser, link) => {
  expect(linkFor(signed, { endpoint: "http://aws:4566", browser })).toBe(link);
});

test("a link to another store is left alone", () => {
  expect(linkFor(signed, { endpoint: "http://aws:45", browser: "http://localhost:8080/files" })).toBe(signed);
});
