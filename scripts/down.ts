import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { PROJECT_LABEL } from "../node-agent/src/core/stack/compose/labels.ts";
import { isSet } from "./cli/command.ts";
import { stopDaemon } from "./local/agent/daemon.ts";
import { confirm } from "./local/confirm.ts";
import { mustBeRoot } from "./local/must-be-root.ts";
import { worldOf } from "./local/options.ts";
import { engineAnswers } from "./local/remove/engine-things.ts";
import { removeFrontRules } from "./local/remove/front-rules.ts";
import { findThings } from "./local/remove/own-things.ts";
import { type OwnRoot, type RootState, rootState } from "./local/remove/ownership.ts";
import { removeEverything } from "./local/remove/purge.ts";
import { removeThings } from "./local/remove/remove-things.ts";
import { type LocalWorld, optionsFor } from "./local/world.ts";
import { progress } from "./progress.ts";

/** `./greenleaf down`: stops the shop and keeps its data; `--purge` removes all that `up` made, and only that. */
export async function down(line: ParsedCommandLine): Promise<number> {
  const world = worldOf(line);
  mustBeRoot(world, { command: "down", why: "it removes what root made" });
  const keepImages = isSet(line, "keep-images");
  return bringDown(world, { purge: isSet(line, "purge"), confirmed: isSet(line, "yes"), keepImages });
}

interface Wish {
  readonly purge: boolean;
  readonly confirmed: boolean;
  readonly keepImages: boolean;
}

/** What `down` does, whoever calls it. */
export async function bringDown(world: LocalWorld, { purge, confirmed, keepImages }: Wish): Promise<number> {
  const state = await rootState(world);
  const root = typeof state === "string" ? undefined : state;
  const answers = await engineAnswers();
  const { ours } = answers ? await findThings(world, root) : { ours: [] };
  if (root === undefined && ours.length === 0) return nothingOfOurs(world, state);
  if (purge && !confirmed && !(await isConfirmed(world))) return 0;
  if (root !== undefined) await progress.step("node agent", () => stopDaemon(world));
  if (answers) await removeFromEngine(world, root, { volumes: purge });
  else process.stderr.write("the container engine does not answer: what is on it stays\n");
  if (purge) await removeEverything(world, root, { keepImages });
  return 0;
}

async function removeFromEngine(
  world: LocalWorld,
  root: OwnRoot | undefined,
  { volumes }: { volumes: boolean },
): Promise<void> {
  const { ours } = await findThings(world, root);
  const isStack = ({ labels }: (typeof ours)[number]) => labels[PROJECT_LABEL] === world.project;
  const remove = (title: string, things: typeof ours) =>
    progress.step(title, (detail) => removeThings(things, { volumes, detail }));
  await remove("stack", ours.filter(isStack));
  await removeFrontRules(world.project);
  await remove(
    "postgres, valkey, aws and mail",
    ours.filter((thing) => !isStack(thing)),
  );
}

function nothingOfOurs({ project, root }: LocalWorld, state: RootState): number {
  const why = state === "absent" ? `there is no ${root}` : `${root} carries no mark of greenleaf's`;
  process.stderr.write(`greenleaf made no shop of project "${project}" here (${why}): nothing was touched\n`);
  return 0;
}

const isConfirmed = (world: LocalWorld): Promise<boolean> =>
  confirm({
    command: `down --purge --yes${optionsFor(world)}`,
    what: "down --purge asks before it removes everything",
    question: `Remove the shop of project "${world.project}" with its database, pictures, images and ${world.root}?`,
  });
