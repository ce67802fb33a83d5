/** What can be done about an image that could not be pulled; the engine tells it in words only. */
export type PullVerdict = "retry" | "login" | "denied" | "missing" | "full";

/** Read in this order: a registry says `denied` both for a token that has ended and for an action IAM forbids. */
const WORDS: ReadonlyArray<readonly [PullVerdict, RegExp]> = [
  ["full", /no space left on device|disk quota exceeded/i],
  ["retry", /toomanyrequests|too many requests|unexpected HTTP status: 5\d\d/i],
  ["denied", /is not authorized to perform|explicit deny|not allowed/i],
  ["login", /no basic auth credentials|token has expired|token is invalid|unauthorized|authentication required/i],
  ["missing", /manifest unknown|manifest for .* not found|name unknown|repository .*?(not found|does not exist)/i],
  // An answer to HEAD has no body to say more.
  ["login", /\bdenied\b|\bHTTP 40[13]\b|\b40[13] (Forbidden|Unauthorized)/i],
];

/** Whether asking again can help; what is not known (a reset, a name that does not resolve, a cut layer) is asked again. */
export function judgePull(words: string): PullVerdict {
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? "retry";
}

/** Account and region of an image in Amazon's registry; undefined for any other registry. */
export function ecrOf(reference: string): { readonly account: string; readonly region: string } | undefined {
  const found = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\//.exec(reference);
  return found ? { account: found[1] ?? "", region: found[2] ?? "" } : undefined;
}
