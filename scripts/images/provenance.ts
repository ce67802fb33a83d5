import { $ } from "zx";
import { root } from "./folders.ts";

/** 2025-01-01: the date of whatever has no date of its own. */
export const FIXED_EPOCH = 1_735_689_600;

export interface Provenance {
  /** The last commit that touched the image's sources; "unknown" outside a Git checkout. */
  readonly revision: string;
  /** Seconds: when that commit was made, so that a changed image is also a newer one. */
  readonly epoch: number;
}

/** Where an image's sources come from. SOURCE_DATE_EPOCH decides over the commit's date. */
export async function provenanceOf(context: string): Promise<Provenance> {
  // Under sudo the checkout belongs to somebody else; only reading is done here.
  const git = $({ quiet: true, nothrow: true, cwd: root });
  const last = await git`git -c safe.directory=* -c log.showSignature=false log -1 --format=${"%H %ct"} -- ${context}`;
  const [revision = "", time = ""] = last.exitCode === 0 ? last.stdout.trim().split(" ") : [];
  const changed = await git`git -c safe.directory=* status --porcelain -- ${context}`;
  const dirty = changed.exitCode === 0 && changed.stdout.trim() !== "" ? "-dirty" : "";
  const epoch = Number(process.env.SOURCE_DATE_EPOCH || time || FIXED_EPOCH);
  return { revision: revision ? `${revision}${dirty}` : "unknown", epoch };
}
