import { expect, test } from "vitest";
import { pinsOf } from "./build-image.ts";

test("a record of packages pins each to its version", () => {
  const record =
    '{"name":"libc6","version":"2.41-12","architecture":"amd64","sha256":"9"}\n{"name":"tini","version":"0.19.0-3+b8"}\n';
  expect([...pinsOf(record)]).toEqual([
    ["libc6", "2.41-12"],
    ["tini", "0.19.0-3+b8"],
  ]);
});
