import { UsageError } from "../../node-agent/src/base/errors.ts";
import { CLOUD_VERBS } from "./faults/cloud-faults.ts";
import type { Fault } from "./faults/fault.ts";
import { FOREIGN_PROGRAMS } from "./faults/foreign-programs.ts";
import { PAIR_FAULTS } from "./faults/pair-faults.ts";
import { HAND_LAB } from "./lab-commands.ts";

/** What can be broken by hand; what no router puts back has a verb that does. */
export const FAULTS: Readonly<Record<string, Fault>> = { ...PAIR_FAULTS, ...FOREIGN_PROGRAMS, ...CLOUD_VERBS };

export async function breakLab(name: string | undefined): Promise<number> {
  const fault = name !== undefined && Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (fault === undefined) {
    throw new UsageError(`the lab has no fault ${name ?? ""}`, {
      code: "usage.lab",
      why: `it has ${Object.keys(FAULTS).join(", ")}`,
      fix: "sudo ./greenleaf lab vpc break router-b-dies",
    });
  }
  await fault(HAND_LAB);
  return 0;
}
