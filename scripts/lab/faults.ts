import { UsageError } from "../../node-agent/src/base/errors.ts";
import { CLOUD_VERBS } from "./faults/cloud-faults.ts";
import type { Fault } from "./faults/fault.ts";
import { FOREIGN_PROGRAMS } from "./faults/foreign-programs.ts";
import { PAIR_FAULTS } from "./faults/pair-faults.ts";
import { HAND_LAB } from "./lab-commands.ts";

/** What can be broken by hand; what no router puts back has a verb that does. */
export const FAULTS: Readonly<Record<string, Fault>> = { ...PAIR_FAULTS, ...FOREIGN_PROGRAMS, ...CLOUD_VERBS };

/** The verb that takes a fault away again; what has none here, and is none of these, is put right by the routers themselves. */
export const UNDONE_BY: Readonly<Record<string, string>> = {
  "rule-inserted": "rule-taken-out",
  "firewall-drops": "firewall-gone",
  "ipv6-forwarded": "ipv6-not-forwarded",
  "interface-renamed": "interface-named-back",
  "target-dies": "target-returns",
  "link-cut": "link-repaired",
  "aws-throttled": "aws-answers",
  "aws-slow": "aws-answers",
  "aws-silent": "aws-answers",
  "lease-store-silent": "aws-answers",
  "zone-b-busy": "zone-b-quiet",
  "agent-b-stopped": "agent-b-goes-on",
  "router-b-unplugged": "router-b-plugged",
  "router-b-dies": "router-b-returns",
  "router-a-dies": "router-a-returns",
};

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
