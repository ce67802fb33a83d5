// `./greenleaf bench nat [PART...]`: the router beside plain forwarding, one MASQUERADE rule and a script that flushes and appends.
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { installLabTools } from "../../scripts/lab/lab-tools.ts";
import { type Lab, openLab, skipReason } from "../nat/lab.ts";
import { chaos } from "./nat/chaos.ts";
import { failover } from "./nat/failover.ts";
import { partitions } from "./nat/partitions.ts";
import { newFlows, oneDestination, rates } from "./nat/rates.ts";
import { handLab, repair } from "./nat/repair.ts";
import { agentStart, reapply } from "./nat/rules.ts";
import { memory, soak } from "./nat/soak.ts";
import { flowStates } from "./nat/states.ts";
import { type Row, tableOf } from "./nat/table.ts";

/** How often, or for how many seconds; `BENCH_TIMES` gives another number to the parts that are named. */
const PARTS: Readonly<
  Record<string, { readonly times: number; readonly run: (lab: Lab, times: number) => Promise<Row[]> }>
> = {
  start: { times: 16, run: agentStart },
  reapply: { times: 1_000, run: reapply },
  throughput: { times: 15, run: rates },
  flows: { times: 15, run: newFlows },
  destination: { times: 1, run: oneDestination },
  daemon: { times: 20, run: memory },
  repair: { times: 30, run: repair },
  picture: { times: 5, run: handLab },
  soak: { times: 1_200, run: soak },
  chaos: { times: 3_600, run: chaos },
  partitions: { times: 20, run: partitions },
  failover: { times: 104, run: failover },
  state: { times: 3, run: flowStates },
};

function chosen(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length === 0) return names.length > 0 ? names : Object.keys(PARTS);
  throw new UsageError(`bench nat has no part ${unknown.join(", ")}`, {
    code: "usage.bench",
    why: `it has ${Object.keys(PARTS).join(", ")}`,
    fix: "sudo ./greenleaf bench nat runs them all, in about two hours and a quarter",
  });
}

async function measured(name: string): Promise<Row[]> {
  const part = PARTS[name];
  if (part === undefined) return [];
  const lab = await openLab(`bench-${name}`);
  try {
    return await part.run(lab, Number(process.env.BENCH_TIMES ?? part.times));
  } finally {
    await lab.remove();
  }
}

await installLabTools();
const missing = skipReason("iperf3");
if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
} else {
  for (const name of chosen(process.argv.slice(2))) {
    const rows = await measured(name);
    process.stdout.write(`\n${name}\n\n${tableOf(rows)}\n`);
    if (rows.some(({ isHeld }) => isHeld === false)) process.exitCode = 1;
  }
}
