import { expect, test } from "vitest";
import { redactor } from "./redact.ts";

const secret = "hunter2+/é&=\"'$ and more";

test("a secret is taken out of a text in every spelling a program may print it in", () => {
  const spellings = [
    secret,
    JSON.stringify({ secret }),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll("'", "%27"),
    encodeURIComponent(secret).toLowerCase(),
    JSON.stringify(secret).replaceAll("&", "\\u0026").replaceAll("é", "\\u00e9"),
    secret.replaceAll("&", "&amp;").replaceAll('"', "&#34;").replaceAll("'", "&#x27;"),
    secret.replaceAll(/["'$& ]/g, "\\$&"),
    new URLSearchParams({ secret }).toString(),
    Buffer.from(secret).toString("base64"),
    Buffer.from(`user:${secret}`).toString("base64"),
    Buffer.from(`x:${secret}:y`).toString("base64url"),
    Buffer.from(secret).toString("hex").toUpperCase(),
  ];
  const redact = redactor([secret]);
  for (const spelling of spellings) {
    const shown = redact(`before ${spelling} after`);
    expect(shown).toContain("[secret]");
    expect(shown).not.toContain("hunter2");
    expect(shown).not.toContain(Buffer.from(secret).toString("base64").slice(4, 16));
    expect(shown).toMatch(/^before .* after$/);
  }
});

test("a longer secret is not half shown because a shorter one is part of it", () => {
  expect(redactor(["pass", "pass-and-word"])("x pass-and-word y")).toBe("x [secret] y");
});

test("nothing is taken out where there is no secret, and too short ones are left", () => {
  expect(redactor(["", "abc"])("abc is a word")).toBe("abc is a word");
});
