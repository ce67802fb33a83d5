import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { bake, SYSTEMS } from "./ami/bake.ts";
import { publishImage } from "./ami/publish.ts";
import { textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { progress } from "./progress.ts";
import { openPublisher } from "./release/registry/publisher.ts";

/** `./greenleaf ami app|router [--os OS] [--env ENV] [--out DIR]`: bakes a golden image and publishes its id for launch templates. */
export async function ami(line: ParsedCommandLine): Promise<number> {
  const { role, system, environments, out } = choicesOf(line);
  const publisher = await openPublisher(await accountFromEnvironment());
  // What the environment runs now.
  const document = role === "app" ? await publisher.parameter(`/greenleaf/${environments[0]}/release`) : undefined;
  const image = await bake(publisher, { role, system, document, out });
  await progress.step(`publish ${image}`, () => publishImage(publisher, { role, image, environments }));
  process.stdout.write(`${image}\n`);
  return EXIT.ready;
}

function choicesOf(line: ParsedCommandLine) {
  const { positionals } = line;
  const env = textOf(line, "env");
  const role = (["app", "router"] as const).find((name) => name === positionals[0]);
  const system = SYSTEMS.find((name) => name === (textOf(line, "os") ?? SYSTEMS[0]));
  const environments = env === undefined ? ENVIRONMENTS : ENVIRONMENTS.filter((name) => name === env);
  if (role !== undefined && system !== undefined && environments.length > 0)
    return { role, system, environments, out: textOf(line, "out") };
  throw new UsageError("this is not how ami is called", {
    code: "usage.ami",
    why: `it takes app or router, --os ${SYSTEMS.join(" or ")}, and --env ${ENVIRONMENTS.join(", ")}`,
    fix: "./greenleaf ami app --env prod",
  });
}
