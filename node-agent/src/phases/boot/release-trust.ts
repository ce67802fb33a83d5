import { ConfigurationError, LaterError } from "../../base/errors.ts";
import {
  ACCEPTED_RELEASE_PATH,
  PREVIOUS_RELEASES_PATH,
  RELEASE_KEY_PATH,
  RELEASE_MARK_PATH,
  REVOKED_KEYS_PATH,
} from "../../base/paths.ts";
import { parseRelease, type Release } from "../../core/stack/release.ts";
import {
  isOfTheFuture,
  issuedAt,
  markOf,
  parseMark,
  type ReleaseMark,
  reasonToRefuse,
} from "../../core/stack/release-order.ts";
import type { Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";

/** Refuses a document that no trusted key signed. */
export async function checkSignature({ world }: Boot, release: Release, source: string): Promise<void> {
  const [keys, revoked = ""] = await Promise.all([
    world.files.read(RELEASE_KEY_PATH),
    world.files.read(REVOKED_KEYS_PATH),
  ]);
  if (keys === undefined) {
    throw new ConfigurationError(`release: ${source} cannot be checked`, {
      code: "release.no-key",
      why: `there is no ${RELEASE_KEY_PATH}`,
      fix: "write the public key of whoever publishes releases there (PEM)",
    });
  }
  if (isSigned(world, release, { keys, revoked })) return;
  if (isSigned(world, release, { keys, revoked: "" })) throw signedByRevoked(source);
  throw new ConfigurationError(`release: ${source} is not signed by the key in ${RELEASE_KEY_PATH}`, {
    code: "release.signature",
    why: `the signature of ${release.id} does not fit the document, or another key made it`,
    fix: "publish the release again with the right key; nothing was changed",
  });
}

function isSigned(world: Boot["world"], release: Release, trusted: { keys: string; revoked: string }): boolean {
  try {
    return world.isSignedBy(release, trusted);
  } catch (cause) {
    throw new ConfigurationError(`release: ${RELEASE_KEY_PATH} is not an Ed25519 public key`, {
      code: "release.key",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: `write the public keys of whoever publishes releases there (PEM), and fingerprints into ${REVOKED_KEYS_PATH}`,
      cause,
    });
  }
}

function signedByRevoked(source: string): ConfigurationError {
  return new ConfigurationError(`release: ${source} is signed by a key that was revoked`, {
    code: "release.revoked",
    why: `${REVOKED_KEYS_PATH} names it`,
    fix: "sign it with the present key (./greenleaf deploy ENV RELEASE); docs/runbook-keys.md. Nothing was changed",
  });
}

/** Refuses a document of another environment, and an older one than the node has accepted. Gives the new mark. */
export async function checkOrder(boot: Boot & Identified, release: Release, source: string): Promise<ReleaseMark> {
  const { environment } = boot.node.document;
  const accepting = { environment, mark: await markOn(boot, environment), known: await knownIds(boot) };
  const why = reasonToRefuse(release, accepting);
  if (why === undefined) {
    // What the node accepted before is no newer by it: a machine whose clock stands back runs what it ran.
    if (isOfTheFuture(release, boot.world.clock.date()) && !accepting.known.includes(release.id))
      throw ofTheFuture(boot, release, source);
    return markOf(release, accepting);
  }
  throw new ConfigurationError(`release: ${release.id} of ${source} is not for this node`, {
    code: "release.order",
    why,
    fix: "./greenleaf deploy ENV RELEASE or ./greenleaf rollback ENV: both sign anew for the environment; nothing was changed",
  });
}

// Another boot helps where this machine's clock is behind, as it may be before it has asked for the time.
function ofTheFuture({ world }: Boot, release: Release, source: string): LaterError {
  return new LaterError(`release: ${release.id} of ${source} is not for now`, {
    code: "release.future",
    why: `it was issued at ${issuedAt(release)}, and the clock of this machine says ${world.clock.date().toISOString()}`,
    fix: "put right the clock that is wrong: this machine's, or the one of whoever signed it, who then deploys again; nothing was changed",
  });
}

export async function keepMark({ world }: Boot, mark: ReleaseMark): Promise<void> {
  await world.files.write(RELEASE_MARK_PATH, `${JSON.stringify(mark)}\n`, { mode: 0o644 });
}

// A node of before 0.2 has no mark: what it accepted last is one.
async function markOn({ world }: Boot, environment: string): Promise<ReleaseMark | undefined> {
  const mark = parseMark(await world.files.read(RELEASE_MARK_PATH), environment);
  if (mark !== undefined) return mark;
  const accepted = await world.files.read(ACCEPTED_RELEASE_PATH);
  try {
    return accepted === undefined
      ? undefined
      : markOf(parseRelease(accepted, ACCEPTED_RELEASE_PATH), { environment, mark });
  } catch {
    // Cut short or of another version: the same as none.
    return undefined;
  }
}

async function knownIds({ world }: Boot): Promise<string[]> {
  return ((await world.files.read(PREVIOUS_RELEASES_PATH)) ?? "").split("\n").filter((id) => id !== "");
}
