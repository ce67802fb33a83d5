import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mailOf } from "../../../images/backend/src/mail-environment.ts";
import { messageId, smtpOptions } from "../../../images/backend/src/modules/mail/smtp-options.ts";
import { Reader } from "../../../images/backend/src/reader.ts";

const GOOD = {
  MAIL_HOST: "email-smtp.eu-west-3.amazonaws.com",
  MAIL_FROM: "GreenLeaf <shop@greenleaf.example>",
  MAIL_USER: "AKIA",
  MAIL_PASSWORD: "s3cret value",
  SHOP_URL: "https://shop.example/",
};

function read(env: Record<string, string>) {
  const reader = new Reader(env);
  return {
    mail: mailOf(reader),
    problems: reader.problems.map(({ key }) => key),
    said: JSON.stringify(reader.problems),
  };
}

test.each([
  ["nothing", {}],
  ["an empty host", { MAIL_HOST: "", MAIL_PORT: "587", MAIL_FROM: "", MAIL_LANGUAGE: "en" }],
  ["all but the host", { MAIL_FROM: "nonsense", MAIL_USER: "u" }],
])("%s means that the shop writes to nobody, and is no problem", (_, env) => {
  expect(read(env)).toMatchObject({ mail: undefined, problems: [] });
});

test("Amazon's SES is a mail server like any other: port 587, STARTTLS, a login", () => {
  const { mail, problems } = read(GOOD);
  expect(problems).toEqual([]);
  expect(mail).toMatchObject({ port: 587, language: "en", shopUrl: "https://shop.example", ca: undefined });
  expect(mail && smtpOptions(mail)).toMatchObject({
    host: GOOD.MAIL_HOST,
    secure: false,
    requireTLS: true,
    tls: { rejectUnauthorized: true },
    auth: { user: "AKIA", pass: "s3cret value" },
  });
});

test("port 465 is TLS from the first byte; without a login none is given", () => {
  const { MAIL_USER: _user, MAIL_PASSWORD: _password, ...open } = GOOD;
  const { mail } = read({ ...open, MAIL_PORT: "465" });
  expect(mail && smtpOptions(mail)).toMatchObject({ secure: true });
  expect(mail && "auth" in smtpOptions(mail)).toBe(false);
});

test.each([
  ["MAIL_HOST", "smtp://mail.example"],
  ["MAIL_PORT", "0"],
  ["MAIL_PORT", "five"],
  ["MAIL_FROM", ""],
  ["MAIL_FROM", "GreenLeaf"],
  ["MAIL_FROM", "a <b@c.d>\nBcc: e@f.g"],
  ["MAIL_USER", ""],
  ["MAIL_PASSWORD", ""],
  ["MAIL_CA_CERT", "no certificate"],
  ["MAIL_LANGUAGE", "de"],
  ["SHOP_URL", "shop"],
])("%s = %j is refused by its name", (key, value) => {
  const { problems, said } = read({ ...GOOD, [key]: value });
  expect(problems).toEqual([key]);
  expect(said).not.toContain("s3cret");
});

test("one event's letter has one id, of the sender's domain", () => {
  const [one, same, other] = ["a", "a", "b"].map((key) => messageId(key, GOOD.MAIL_FROM));
  expect(one).toBe(same);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^<[0-9a-f]{32}@greenleaf\.example>$/);
});

test("a letter is tried for four hours", () => {
  const config = readFileSync(join(import.meta.dirname, "../../../images/backend/medusa-config.ts"), "utf8");
  const [, attempts, delay = ""] =
    /attempts: (\d+), backoff: \{ type: "exponential", delay: ([\d_]+) \}/.exec(config) ?? [];
  // BullMQ waits `delay` after the first attempt and twice as long after each further one.
  const hours = (Number(delay.replaceAll("_", "")) * (2 ** (Number(attempts) - 1) - 1)) / 3_600_000;
  expect(hours).toBeGreaterThanOrEqual(4);
  expect(hours).toBeLessThan(5);
});
