import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Release, UnsignedRelease } from "../../core/stack/release.ts";
import { signedText } from "../../core/stack/signed-text.ts";

/** Signs a release with an Ed25519 key (PEM, PKCS#8). */
export function signRelease(release: UnsignedRelease, privateKeyPem: string): Release {
  const signature = sign(null, Buffer.from(signedText(release)), createPrivateKey(privateKeyPem));
  return { ...release, signature: signature.toString("base64") };
}

/** Keys a node trusts: PEM blocks (SPKI), and fingerprints of those that are trusted no more. */
export interface TrustedKeys {
  readonly keys: string;
  readonly revoked: string;
}

/** Whether a trusted key signed the release; throws when a key or the list of revoked ones cannot be read. */
export function isSignedBy(release: Release, trusted: TrustedKeys): boolean {
  return isSignedBytes(Buffer.from(signedText(release)), Buffer.from(release.signature, "base64"), trusted);
}

/** The same of any bytes. */
export function isSignedBytes(bytes: Uint8Array, signature: Uint8Array, { keys, revoked }: TrustedKeys): boolean {
  const gone = revokedIn(revoked);
  const trusted = keysIn(keys).filter((key) => !gone.has(fingerprintOf(key)));
  return trusted.some((key) => verify(null, bytes, key, signature));
}

/** What a revocation names a key by: SHA-256 of its DER, as `openssl pkey -pubin -outform DER | sha256sum` prints it. */
export function fingerprintOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** Every key of a file; one that cannot be read makes the file unreadable, not shorter. */
export function keysIn(pem: string): KeyObject[] {
  const blocks = pem.match(BLOCK) ?? [];
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0;
  if (blocks.length === 0 || begun !== blocks.length) throw new TypeError("it holds something that is no public key");
  return blocks.map((block) => {
    const key = createPublicKey(block);
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new TypeError(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  });
}

// A line that says nothing readable may have named a stolen key: nothing is trusted until it is fixed.
function revokedIn(text: string): ReadonlySet<string> {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim().toLowerCase());
  const wrong = lines.findIndex((line) => line !== "" && !/^[0-9a-f]{64}$/.test(line));
  if (wrong !== -1) throw new TypeError(`line ${wrong + 1} of the revoked keys is no SHA-256 fingerprint`);
  return new Set(lines);
}
