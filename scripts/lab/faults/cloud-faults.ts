import { rename, writeFile } from "node:fs/promises";
import type { CloudFault } from "../control-plane.ts";
import { CLOUD_FAULTS } from "../lab-commands.ts";
import type { Fault } from "./fault.ts";

const says =
  (...faults: readonly CloudFault[]): Fault =>
  async () => {
    // Renamed into its place: half a file, read at a wrong moment, would end the lab's AWS.
    await writeFile(`${CLOUD_FAULTS}.new`, JSON.stringify(faults));
    await rename(`${CLOUD_FAULTS}.new`, CLOUD_FAULTS);
  };

/** What AWS answers, until it answers as it should. */
export const CLOUD_VERBS: Readonly<Record<string, Fault>> = {
  "aws-throttled": says({ action: "*", kind: "throttled" }),
  "aws-slow": says({ action: "*", kind: "slow" }),
  "aws-silent": says({ action: "*", kind: "silent" }),
  "lease-store-silent": says({ action: "GetItem", kind: "silent" }, { action: "PutItem", kind: "silent" }),
  "aws-answers": says(),
};
