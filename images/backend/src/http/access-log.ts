import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";

type Morgan = { token(name: string, of: (request: IncomingMessage) => string | undefined): unknown };

/** What looks drawn by lot in a path, by its first ten characters; Caddy's log has the same (caddy/Caddyfile). */
const DRAWN = [
  /([0-9A-Za-z]{10})[0-9A-Za-z]{10,}/g,
  /([0-9A-Za-z_-]{0,9}[A-Z])[0-9A-Za-z_-]{20,}/g,
  /([0-9A-Fa-f]{8})(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/g,
];

/**
 * A path as a log may hold it: reset links, invites and signed links carry their secret in the query, and the id of a
 * cart in the path is all that opens it.
 */
export const withoutSecrets = (url: string): string =>
  DRAWN.reduce((left, drawn) => left.replace(drawn, "$1..."), url.replace(/[?#].*$/s, ""));

/** Medusa writes its access log with morgan, whose words are redefined for the whole process. */
export function keepSecretsOutOfTheLog(): void {
  const morgan = createRequire(require.resolve("@medusajs/framework"))("morgan") as Morgan;
  morgan.token("url", (request) =>
    withoutSecrets(("originalUrl" in request ? String(request.originalUrl) : request.url) ?? ""),
  );
  morgan.token(
    "referrer",
    ({ headers }) => withoutSecrets(String(headers.referer ?? headers["referrer"] ?? "")) || undefined,
  );
}
