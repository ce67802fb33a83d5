import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { type Release, signedText, type UnsignedRelease } from "../core/release.ts";

/** Signs a release with an Ed25519 key (PEM, PKCS#8). */
export function signRelease(release: UnsignedRelease, privateKeyPem: string): Release {
  const signature = sign(null, Buffer.from(signedText(release)), createPrivateKey(privateKeyPem));
  return { ...release, signature: signature.toString("base64") };
}

/** Whether the owner of the key (PEM, SPKI) signed the release; throws when the key is none. */
export function isSignedBy(release: Release, publicKeyPem: string): boolean {
  return isSignedBytes(Buffer.from(signedText(release)), Buffer.from(release.signature, "base64"), publicKeyPem);
}

/** Whether the owner of an Ed25519 key (PEM, SPKI) signed these bytes; throws when the key is none. */
export function isSignedBytes(bytes: Uint8Array, signature: Uint8Array, publicKeyPem: string): boolean {
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== "ed25519")
    throw new TypeError(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  return verify(null, bytes, key, signature);
}
