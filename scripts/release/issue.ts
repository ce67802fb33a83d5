import { createPrivateKey, createPublicKey } from "node:crypto";
import { isSignedBy, signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { parseRelease, type Release } from "../../node-agent/src/core/stack/release.ts";
import { isOfTheFuture, issuedAt } from "../../node-agent/src/core/stack/release-order.ts";
import { SIGNING_KEY, TRUSTED_KEYS } from "../bootstrap/parameters.ts";
import type { Publisher } from "./registry/publisher.ts";

/** The key an account signs with (PEM, PKCS#8), and all whose signatures it believes (PEM, SPKI). */
export interface SigningKeys {
  readonly key: string;
  readonly trusted: string;
}

export async function signingKeys(publisher: Publisher): Promise<SigningKeys> {
  const [key, others = ""] = await Promise.all([publisher.parameter(SIGNING_KEY), publisher.parameter(TRUSTED_KEYS)]);
  if (key !== undefined) return { key, trusted: `${publicHalf(key)}${others}` };
  throw new ConfigurationError("release: there is no key to sign with", {
    code: "release.no-key",
    why: `parameter ${SIGNING_KEY} does not exist in ${publisher.account.region} of account ${publisher.accountId}`,
    fix: "run scripts/bootstrap.sh once for this account",
  });
}

export const publicHalf = (key: string): string =>
  createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" }).toString();

export interface Issue {
  /** The one environment whose nodes may run it. */
  readonly environment: string;
  /** What the environment was pointed at before; the new document is issued after it, by a clock that is behind as well. */
  readonly after: string | undefined;
}

/**
 * Signs a published release anew, for one environment and as of now: that is what tells an operator's rollback from an
 * old document that somebody put back. What is signed already, by the present key and for this environment, stays.
 */
export function issue(document: string, { key, trusted }: SigningKeys, { environment, after }: Issue): string {
  const release = parseRelease(document, "the release");
  if (!isSignedBy(release, { keys: trusted, revoked: "" })) throw notOurs(release);
  const before = readable(after);
  const isSame = before?.id === release.id && before.environments?.join() === environment;
  if (after !== undefined && isSame && isSignedBy(before, { keys: publicHalf(key), revoked: "" })) return after;
  const { signature: _, ...contents } = release;
  const order = { environments: [environment], issued: issueTime(after) };
  return JSON.stringify(signRelease({ ...contents, ...order }, key));
}

/** Now, but after the document before it. */
export function issueTime(after: string | undefined): string {
  const before = readable(after);
  if (before === undefined) return new Date().toISOString();
  if (isOfTheFuture(before, new Date())) throw afterTheFuture(before);
  return new Date(Math.max(Date.now(), Date.parse(issuedAt(before)) + 1)).toISOString();
}

/** Whether a document is of the same release as the one before it, whoever signed them. */
export const isSameRelease = (document: string, before: string | undefined): boolean =>
  readable(document)?.id === readable(before)?.id;

// What cannot be read is to be replaced, not to stand in the way.
function readable(document: string | undefined): Release | undefined {
  try {
    return document === undefined ? undefined : parseRelease(document, "the release before");
  } catch {
    return undefined;
  }
}

// What is issued after it, no node would take for years; what is issued before it, none that took it.
function afterTheFuture(before: Release): ConfigurationError {
  return new ConfigurationError(`release: ${before.id}, which stands there now, was issued in the future`, {
    code: "release.future",
    why: `at ${issuedAt(before)}, and the clock of this machine says ${new Date().toISOString()}`,
    fix: "put this machine's clock right; if it is right, take that document away: docs/decisions/0402-a-release-is-ordered.md",
  });
}

function notOurs({ id }: Release): ConfigurationError {
  return new ConfigurationError(`release ${id} is not signed by a key of this account`, {
    code: "release.signature",
    why: `it was changed after it was published, or its key is no longer in ${SIGNING_KEY} or ${TRUSTED_KEYS}`,
    fix: "publish it again from its commit: ./greenleaf release",
  });
}
