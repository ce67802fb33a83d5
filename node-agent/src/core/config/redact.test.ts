import { expect, test } from "vitest";
import { seededRandom } from "../../../../tests/support/secret-values.ts";
import { redactor, WITHHELD, withhold } from "./redact.ts";

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
    JSON.stringify(JSON.stringify(JSON.stringify({ secret }))),
    encodeURIComponent(encodeURIComponent(secret)),
    `'${secret.replaceAll("'", "'\\''")}'`,
    secret.replaceAll("'", "''"),
    Array.from(secret, (char) => (/[a-z0-9]/i.test(char) ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`)).join(
      "",
    ),
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

test("a secret of any length is found, in lines, in base64 and whole", () => {
  const random = seededRandom(9);
  const printable = (period: number) => (_: unknown, at: number) =>
    String.fromCharCode(0x21 + (period === 0 ? Math.floor(random() * 90) : (at * 7) % period));
  for (const [length, period] of [
    [200, 0],
    [201, 0],
    [399, 0],
    [400, 0],
    [5_000, 0],
    [5_000, 90],
    [20_000, 0],
  ] as const) {
    const long = Array.from({ length }, printable(period)).join("");
    const redact = redactor([long]);
    const left = [long, JSON.stringify(long), Buffer.from(long).toString("base64")].map((spelled) =>
      redact(` ${spelled} `).replaceAll("[secret]", ""),
    );
    // Between two pieces of base64 stands what belongs to both.
    expect(
      left.map((text) => text.length < 8 + length / 20),
      `${length} ${period}`,
    ).toEqual([true, true, true]);
  }
});

test("what is a secret inside of a secret is one of its own: the password of a URL, a member, a setting", () => {
  const redact = redactor([
    "postgres://shop:p%40ss%2Fword@db:5432/medusa?sslpassword=tell-nobody",
    '{"client":{"id":"public-id-1","certificate":"in-a-member"}}',
    "host=db user=shop password='it is one'",
  ]);
  const shown = redact("p@ss/word p%40ss%2Fword tell-nobody in-a-member public-id-1 it is one");
  expect(shown).toBe("[secret] [secret] [secret] [secret] [secret] [secret]");
});

test("where nothing is known, nothing is shown", () => {
  expect([withhold("connect postgres://a:b@c"), withhold(" \n")]).toEqual([WITHHELD, " \n"]);
});
