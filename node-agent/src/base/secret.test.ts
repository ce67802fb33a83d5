import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

test("a secret shows itself in no printed form", () => {
  const secret = new Secret("hunter2");
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret),
  ].join();
  expect(printed).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});
