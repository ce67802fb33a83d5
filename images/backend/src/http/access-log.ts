import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";

type Morgan = { token(name: string, of: (request: IncomingMessage) => string | undefined): unknown };

/** A path as a log may hold it: reset links, invites and signed links carry their secret in the query. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, "");

/** Medusa writes its access log with morgan, whose words are redefined for the whole process. */
export function keepQueriesOutOfTheLog(): void {
  const morgan = createRequire(require.resolve("@medusajs/framework"))("morgan") as Morgan;
  morgan.token("url", (request) =>
    withoutQuery(("originalUrl" in request ? String(request.originalUrl) : request.url) ?? ""),
  );
  morgan.token(
    "referrer",
    ({ headers }) => withoutQuery(String(headers.referer ?? headers["referrer"] ?? "")) || undefined,
  );
}
