import { expect, test } from "vitest";
import { imagesNow, parseImageRecord } from "./image-record.ts";

const record = (releases: Record<string, readonly string[]>) => ({ version: 1, releases }) as const;

test("images of a release that is kept no more go, but those that a kept one names as well", () => {
  const before = record({ one: ["web@1", "caddy@1"], two: ["web@2", "caddy@1"] });
  expect(imagesNow(before, { id: "three", images: ["web@3", "caddy@1"], kept: ["three", "two"] })).toEqual({
    record: record({ two: ["web@2", "caddy@1"], three: ["web@3", "caddy@1"] }),
    old: ["web@1"],
  });
});

test("the way back is kept: a rollback removes what it left, only when another release comes", () => {
  const before = record({ one: ["web@1"], two: ["web@2"] });
  expect(imagesNow(before, { id: "one", images: ["web@1"], kept: ["one", "two"] }).old).toEqual([]);
});

test("the release that comes stays, whatever the list of those that are kept says", () => {
  expect(imagesNow(record({}), { id: "one", images: ["web@1"], kept: [] })).toEqual({
    record: record({ one: ["web@1"] }),
    old: [],
  });
});

test("nothing goes while the images of a kept release are not known, and nothing is forgotten", () => {
  const before = record({ zero: ["web@0"] });
  expect(imagesNow(before, { id: "two", images: ["web@2"], kept: ["two", "one"] })).toEqual({
    record: record({ zero: ["web@0"], two: ["web@2"] }),
    old: [],
  });
});

test.each([undefined, "", "{", '{"version":2,"releases":{}}', '{"version":1,"releases":{"one":"x"}}'])(
  "a record that is none counts for nothing: %s",
  (text) => {
    expect(parseImageRecord(text)).toEqual(record({}));
  },
);
