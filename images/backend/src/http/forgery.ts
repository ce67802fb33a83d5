import type { IncomingHttpHeaders } from "node:http";

/** Origins beside the shop's own that may write with a session, by the first part of the path. */
export type Friends = Readonly<Record<string, readonly string[]>>;

export type Asked = { method: string; url: string; headers: IncomingHttpHeaders };

const SESSION = /(?:^|;\s*)connect\.sid=/;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);
/** What a page of any origin may send without asking first. */
const FORMS = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i;

/**
 * True when a request that writes carries a visitor's session, and nothing shows that a page of ours sent it. The cookie
 * is all that a session proves, and a browser adds it to forms of foreign pages too.
 */
export function isForged({ method, url, headers }: Asked, friends: Friends): boolean {
  if (READS.has(method) || !SESSION.test(headers.cookie ?? "")) return false;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return false;
  if (headers.origin !== undefined) {
    return !(isFriend(headers.origin, url, friends) || (site === undefined && isOwn(headers.origin, headers)));
  }
  // No browser leaves both out when it sends a foreign form; what is no form cannot be sent without being asked for.
  return site !== undefined || FORMS.test(headers["content-type"] ?? "");
}

function isFriend(origin: string, url: string, friends: Friends): boolean {
  const area = /^\/([^/?]*)/.exec(url)?.[1]?.toLowerCase() ?? "";
  return friends[area]?.includes(origin) ?? false;
}

/** The host is compared, not the scheme: TLS ends in front of this process. */
function isOwn(origin: string, { host, "x-forwarded-host": forwarded }: IncomingHttpHeaders): boolean {
  const own = URL.parse(origin)?.host;
  return own !== undefined && [host, forwarded].flat().includes(own);
}
