import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { EXIT, UsageError } from "../node-agent/src/errors.ts";
import { drawingOf } from "./diagram/drawing.ts";
import { ENVIRONMENTS, planFleet, planFromFile } from "./fleet/plans.ts";

/** `./greenleaf diagram [ENV] [--plan FILE] [--out FILE]`: the architecture as SVG, drawn from the plan. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = { plan: { type: "string" }, out: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const name = positionals[0] ?? "prod";
  if (!ENVIRONMENTS.some((environment) => environment === name)) {
    throw new UsageError(`diagram: there is no environment "${name}"`, {
      why: `there are ${ENVIRONMENTS.join(", ")}`,
      fix: "./greenleaf diagram prod",
    });
  }
  const planned = values.plan === undefined ? (await planFleet([name]))[0] : await planFromFile(values.plan);
  const svg = drawingOf(planned?.environment ?? name, planned?.resources ?? []);
  if (values.out === undefined) process.stdout.write(svg);
  else await writeFile(values.out, svg);
  return EXIT.ready;
}
