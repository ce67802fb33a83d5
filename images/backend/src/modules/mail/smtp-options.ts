import { createHash } from "node:crypto";
import type { Mail } from "../../mail-environment.ts";

/** Port of SMTP that is TLS from its first byte (RFC 8314); on any other it begins by STARTTLS. */
const TLS_PORT = 465;

/** How nodemailer reaches the server. Never without TLS, and never without knowing who it is. */
export function smtpOptions({ host, port, login, ca }: Mail) {
  return {
    host,
    port,
    secure: port === TLS_PORT,
    requireTLS: true,
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2" as const, ...(ca === undefined ? {} : { ca }) },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    // A server that says nothing is tried again later, and holds no event meanwhile.
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // No letter of ours names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The same for the same event: a mailbox that gets a letter twice can tell. */
export function messageId(key: string, from: string): string {
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? "localhost";
  return `<${createHash("sha256").update(key).digest("hex").slice(0, 32)}@${domain}>`;
}
