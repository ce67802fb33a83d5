import { createHash } from "node:crypto";
import { canonicalJson, type UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";

export interface Contents {
  /** `repository@sha256:…` by service. */
  readonly images: Readonly<Record<string, string>>;
  readonly stack: UnsignedRelease["stack"];
  readonly migrations: string;
  /** When the commit was made. */
  readonly created: Date;
}

/** The document of a release. Its id is the day and a hash of what it holds: the same contents give the same document. */
export function releaseOf({ images, stack, migrations, created }: Contents): UnsignedRelease {
  const hash = createHash("sha256").update(canonicalJson({ images, stack, migrations })).digest("hex");
  const at = created.toISOString().replace(".000Z", "Z");
  return { id: `${at.slice(0, 10)}-${hash.slice(0, 12)}`, created: at, images: { ...images }, stack, migrations };
}
