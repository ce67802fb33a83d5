/** What an answer of an AWS Query API means for the caller. */
export type QueryOutcome =
  | { kind: "ok" }
  | { kind: "retry"; because: string; mend?: "clock" | "credentials" }
  | { kind: "denied"; code: string; message: string }
  | { kind: "rejected"; code: string; message: string };

const DENIED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "InvalidClientTokenId",
  "AuthFailure",
  "OptInRequired",
]);

/** Refused now, but not after a little patience (undefined), with a corrected clock or with newer credentials. */
const RETRIED: ReadonlyMap<string, "clock" | "credentials" | undefined> = new Map([
  ["Throttling", undefined],
  ["ThrottlingException", undefined],
  ["RequestLimitExceeded", undefined],
  ["TooManyRequestsException", undefined],
  ["ResourceContention", undefined],
  ["RequestExpired", "clock"],
  ["RequestTimeTooSkewed", "clock"],
  ["SignatureDoesNotMatch", "clock"],
  ["ExpiredToken", "credentials"],
]);

/** A document whose last tag closes its first. */
const WHOLE = /^\s*(?:<\?xml[^>]*>\s*)?<(\w+)[\s\S]*<\/\1>\s*$/;

export function queryOutcome(status: number, xml: string): QueryOutcome {
  if (status >= 200 && status < 300) {
    // A connection that ends early can leave half a document behind a 200.
    return WHOLE.test(xml) ? { kind: "ok" } : { kind: "retry", because: "the answer was cut short" };
  }
  const code = elementText(xml, "Code") ?? `HTTP ${status}`;
  const message = elementText(xml, "Message") ?? "no message";
  if (status >= 500 || RETRIED.has(code)) {
    const mend = RETRIED.get(code);
    return { kind: "retry", because: `${code}: ${message}`, ...(mend ? { mend } : {}) };
  }
  return { kind: DENIED.has(code) ? "denied" : "rejected", code, message };
}

/** Text of the first element of this name; the Query APIs nest no element in one of the same name. */
export function elementText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : unescaped(found);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|apos);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
