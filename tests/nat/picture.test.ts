import { describe, expect, test } from "vitest";
import { watchHandLab } from "./hand-lab.ts";
import { skipReason } from "./lab.ts";

const missing = skipReason();

// `./greenleaf bench nat picture` holds the numbers.
describe.skipIf(missing !== undefined)(
  `the lab a person uses by hand${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    test("comes up, and its live picture follows a router that dies and returns", async () => {
      const { upMs, lags } = await watchHandLab(`hand-${process.pid}`);
      expect(lags).toHaveLength(4);
      const behind = lags.map(({ what, ms }) => `${what} ${ms.toFixed(0)}`).join(", ");
      process.stdout.write(`up in ${(upMs / 1000).toFixed(1)} s; picture behind, ms: ${behind}\n`);
    });
  },
);
