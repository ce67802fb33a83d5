import { LANGUAGES, type Language, languageOf } from "./mail/language.ts";
import type { Reader } from "./reader.ts";

/** The mail server, and what every letter of the shop says of itself. */
export type Mail = {
  host: string;
  port: number;
  login: { user: string; password: string } | undefined;
  /** PEM certificates that may vouch for the server, besides the public authorities. */
  ca: string | undefined;
  from: string;
  /** The language of whoever has told none. */
  language: Language;
  /** Where the links of letters lead, without a slash at the end. */
  shopUrl: string;
};

const SENDER = /^([^<>\p{Cc}]{1,80} )?<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/u;

/** Undefined where no mail server is named: then the shop writes to nobody, and none of the others is looked at. */
export function mailOf(read: Reader): Mail | undefined {
  const host = read.optional("MAIL_HOST");
  if (host === undefined) return undefined;
  if (!/^[A-Za-z0-9.-]{1,253}$/.test(host)) read.problem("MAIL_HOST", "must be the name of a mail server");
  const language = read.oneOf("MAIL_LANGUAGE", LANGUAGES);
  return {
    host,
    port: portOf(read),
    login: loginOf(read),
    ca: read.certificates("MAIL_CA_CERT"),
    from: read.matching("MAIL_FROM", SENDER, "must be an address, or a name and <an address>"),
    language: languageOf(language, "en"),
    shopUrl: read.url("SHOP_URL", ["https:", "http:"])?.href.replace(/\/+$/, "") ?? "",
  };
}

function portOf(read: Reader): number {
  const port = Number(read.optional("MAIL_PORT") ?? "587");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) read.problem("MAIL_PORT", "must be a port, such as 587");
  return port;
}

function loginOf(read: Reader): Mail["login"] {
  const [user, password] = [read.optional("MAIL_USER"), read.optional("MAIL_PASSWORD")];
  if (user !== undefined && password !== undefined) return { user, password };
  if (user !== undefined) read.problem("MAIL_PASSWORD", "is missing, and MAIL_USER is there");
  if (password !== undefined) read.problem("MAIL_USER", "is missing, and MAIL_PASSWORD is there");
  return undefined;
}
