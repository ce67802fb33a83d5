import { canonicalJson } from "./canonical-json.ts";
import type { Release, UnsignedRelease } from "./release.ts";

/** The bytes a release's signature is made over. */
export function signedText(release: Release | UnsignedRelease): string {
  return canonicalJson({ ...release, signature: undefined });
}
