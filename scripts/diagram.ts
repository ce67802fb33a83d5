import { writeFile } from "node:fs/promises";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { textOf } from "./cli/command.ts";
import { drawingOf } from "./diagram/drawing.ts";
import { ENVIRONMENTS, planFleet, planFromFile, unknownEnvironment } from "./fleet/plans.ts";

/** `./greenleaf diagram [ENV] [--plan FILE] [--out FILE]`: the architecture as SVG, drawn from the plan. */
export async function diagram(line: ParsedCommandLine): Promise<number> {
  const [name = "prod"] = line.positionals;
  const [plan, out] = [textOf(line, "plan"), textOf(line, "out")];
  if (!ENVIRONMENTS.some((environment) => environment === name)) {
    throw unknownEnvironment("diagram", name, { fix: "./greenleaf diagram prod" });
  }
  const planned = plan === undefined ? (await planFleet([name]))[0] : await planFromFile(plan);
  const svg = drawingOf(planned?.environment ?? name, planned?.resources ?? []);
  if (out === undefined) process.stdout.write(svg);
  else await writeFile(out, svg);
  return EXIT.ready;
}
