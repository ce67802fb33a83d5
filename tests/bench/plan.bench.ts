import { ENVIRONMENTS } from "../../scripts/fleet/plans.ts";
import { findTools, openWorkspace } from "../../scripts/fleet/terraform.ts";
import { median } from "../support/quantile.ts";

// Seconds for an offline plan of each environment by the real AWS provider, without credentials; target 10.
const RUNS = 5;

const tools = await findTools();
if ("missing" in tools) {
  console.log(`skipped: ${tools.missing}`);
} else {
  const workspace = await openWorkspace(tools);
  try {
    await workspace.init();
    console.log(`terraform plan, ${RUNS} runs: median (fastest to slowest), target 10 s`);
    for (const environment of ENVIRONMENTS) {
      const took: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const start = performance.now();
        await workspace.plan(environment);
        took.push((performance.now() - start) / 1000);
      }
      const [fastest, slowest] = [Math.min(...took), Math.max(...took)].map((seconds) => seconds.toFixed(1));
      console.log(`${environment.padEnd(8)} ${median(took).toFixed(1)} s (${fastest} to ${slowest})`);
    }
  } finally {
    await workspace.close();
  }
}
