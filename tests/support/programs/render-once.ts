// Renders two files from the values that argv names, as the render phase does, and nothing else.
import { systemClock } from "../../../node-agent/src/base/clock.ts";
import { sha256 } from "../../../node-agent/src/base/digest.ts";
import { describeError, exitCodeOf } from "../../../node-agent/src/base/errors.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { parseNodeDocument } from "../../../node-agent/src/core/config/node-document.ts";
import { parseTemplates } from "../../../node-agent/src/core/config/templates/template.ts";
import { renderEnvironment } from "../../../node-agent/src/phases/boot/render.ts";
import type { Boot } from "../../../node-agent/src/phases/phase.ts";
import type { Fetched, Identified, Templated } from "../../../node-agent/src/phases/stages.ts";
import type { World } from "../../../node-agent/src/world.ts";

const [root = "/nowhere", value = ""] = process.argv.slice(2);
const templates = new Map(
  ["backend", "storefront"].map((name) => [
    `${name}.env.hbs`,
    `# greenleaf: reader=compose\nNAME=${name}\nVALUE={{ssm "value"}}\n`,
  ]),
);
const document = parseNodeDocument(
  JSON.stringify({ version: 1, project: "g", environment: "t", role: "app", parameters: "/g/t", release: "ssm:/r" }),
  "node.json",
);
const boot: Boot & Identified & Templated & Fetched = {
  world: { files: filesBelow(root), clock: systemClock, digest: sha256 } as Partial<World> as World,
  log: { emit: () => undefined },
  mode: "apply",
  operations: [],
  results: [],
  node: { document, region: "eu-west-3" },
  aws: {} as Identified["aws"],
  redact: (text) => text,
  templates,
  schema: parseTemplates(templates),
  values: new Map([["ssm value", value]]),
};
try {
  await renderEnvironment(boot);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
