/** What can be done about an image that could not be pulled; the engine tells it in words only. */
export type PullVerdict = "retry" | "login" | "denied" | "missing" | "platform" | "full";

/**
 * Read in this order: a registry says `denied` both for a token that has ended and for an action IAM forbids, and an
 * engine says of an image it may not see that it may not exist. The words are those of 20.10, 26.1, 28.5 and 29, whose
 * image store is containerd's.
 */
const WORDS: ReadonlyArray<readonly [PullVerdict, RegExp]> = [
  ["full", /no space left on device|disk quota exceeded/i],
  ["retry", /toomanyrequests|too many requests|unexpected HTTP status: 5\d\d/i],
  ["denied", /is not authorized to perform|explicit deny|not allowed/i],
  ["platform", /no match(ing manifest)? for (platform|\S+\/\S+)|no matching manifest|cannot be used on this platform/i],
  ["platform", /unsupported manifest media type|does not match the (specified|detected|expected)\b.*platform/i],
  ["platform", /no child with platform \S+ in index/i],
  ["login", /no basic auth credentials|token has expired|token is invalid|unauthorized|authentication required/i],
  ["login", /insufficient_scope|authorization failed|pull access denied/i],
  ["missing", /manifest unknown|manifest for .* not found|name unknown|repository .*?(not found|does not exist)/i],
  ["missing", /failed to resolve reference .*: not found|failed to resolve reference .*: .*\bnot found$/i],
  // An answer to HEAD has no body to say more.
  ["login", /\bdenied\b|\bHTTP 40[13]\b|\b40[13] (Forbidden|Unauthorized)/i],
];

/** Whether asking again can help; what is not known (a reset, a name that does not resolve, a cut layer) is asked again. */
export function judgePull(words: string): PullVerdict {
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? "retry";
}
