import type { Reader } from "../../node-agent/src/core/config/dotenv.ts";
import { composeVersion, newTally, roundTrip, type Tally } from "../support/dotenv-readers.ts";
import { secretValues } from "../support/secret-values.ts";

/** Every value of 16 classes, through the reader's own parser and back. */
const NODE_VALUES = Number(process.env.BENCH_NODE_VALUES ?? 1_000_000);
const COMPOSE_VALUES = Number(process.env.BENCH_COMPOSE_VALUES ?? 50_000);

async function tallied(reader: Reader, values: number, chunk: number): Promise<Tally> {
  const tally = newTally();
  // Each chunk has its own seed, so that a chunk that fails can be made again alone.
  for (let at = 0; at < values; at += chunk) {
    await roundTrip(reader, [...secretValues(Math.min(chunk, values - at), at + 1)], tally);
  }
  return tally;
}

function report(
  reader: string,
  { values, changed, refused, refusedAscii, base64, reasons }: Tally,
  ms: number,
): boolean {
  process.stdout.write(
    [
      `${reader}: ${values} values in ${(ms / 1000).toFixed(1)} s`,
      `  changed ${changed}, refused ${refused} (of printable ASCII ${refusedAscii}), carried as base64 ${base64}`,
      ...[...reasons].map(([reason, count]) => `  ${count} x ${reason}`),
      "",
    ].join("\n"),
  );
  return changed === 0 && refusedAscii === 0 && reasons.size === 0;
}

async function timed(name: string, work: () => Promise<Tally>): Promise<boolean> {
  const start = performance.now();
  return report(name, await work(), performance.now() - start);
}

const version = await composeVersion();
const held = [await timed(`node, util.parseEnv of ${process.version}`, () => tallied("node", NODE_VALUES, 500))];
if (version === undefined) process.stdout.write("skipped: docker compose is missing; ./greenleaf up installs it\n");
else held.push(await timed(`docker compose ${version}`, () => tallied("compose", COMPOSE_VALUES, 5_000)));
process.exitCode = held.every(Boolean) ? 0 : 1;
