import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { systemClock } from "../node-agent/src/base/clock.ts";
import { UnavailableError, UsageError } from "../node-agent/src/base/errors.ts";
import type { Clock } from "../node-agent/src/base/wait.ts";
import { isSet } from "./cli/command.ts";
import { type AdminClient, signIn } from "./demo/admin-client.ts";
import { describeRemoval, isEmpty, planRemoval } from "./demo/removal/plan.ts";
import { carryOut } from "./demo/removal/remove.ts";
import { shelvesOf } from "./demo/removal/shelves-of.ts";
import { keptCredentials } from "./local/aws/credentials.ts";
import { confirm } from "./local/confirm.ts";
import { forWorld } from "./local/for-world.ts";
import { mustBeRoot } from "./local/must-be-root.ts";
import { worldOf } from "./local/options.ts";
import { type LocalWorld, optionsFor, shopUrl } from "./local/world.ts";

/** `./greenleaf demo remove`: takes what the demo put on the shelves, by its mark, and only that. */
export async function demo(line: ParsedCommandLine): Promise<number> {
  const [action, ...more] = line.positionals;
  if (action !== "remove" || more.length > 0) {
    throw new UsageError(`demo: ${[action, ...more].filter(Boolean).join(" ") || "nothing"} is not known`, {
      code: "usage.demo",
      why: "it knows remove, and nothing after it",
      fix: "sudo ./greenleaf demo remove",
    });
  }
  const world = worldOf(line);
  mustBeRoot(world, { command: "demo remove", why: "root alone reads the admin's password" });
  await forWorld(world, async () => {
    const admin = await signIn(systemClock, { baseUrl: shopUrl(world), ...(await keeperOf(world)) });
    const isAgreed = () => isSet(line, "yes") || confirm(questionFor(world));
    await removeDemo(admin, { isAgreed, clock: systemClock, say: (text) => void process.stdout.write(text) });
  });
  return 0;
}

async function keeperOf(world: LocalWorld): Promise<{ email: string; password: string }> {
  const { email, password } = (await keptCredentials(world.root))?.admin ?? {};
  if (email !== undefined && password !== undefined) return { email, password };
  throw new UnavailableError("demo: there is no shop", {
    code: "demo.shop",
    why: `${world.root} keeps no admin of project "${world.project}"`,
    fix: `sudo ./greenleaf up${optionsFor(world)}`,
  });
}

const questionFor = (world: LocalWorld) => ({
  command: `demo remove --yes${optionsFor(world)}`,
  what: "demo remove asks before it removes anything",
  question: "Remove them for good?",
});

interface Removing {
  readonly isAgreed: () => boolean | Promise<boolean>;
  readonly clock: Pick<Clock, "date">;
  readonly say: (text: string) => void;
}

/** Says what would go, asks, removes; tells when there is nothing. */
export async function removeDemo(admin: AdminClient, { isAgreed, clock, say }: Removing): Promise<void> {
  const removal = planRemoval(await shelvesOf(admin));
  const isNothing = isEmpty(removal);
  say(isNothing ? "there is nothing of the demo to remove\n" : "");
  if (!isNothing || removal.kept.length > 0) say(describeRemoval(removal));
  if (isNothing || !(await isAgreed())) return;
  await carryOut(admin, removal, clock.date());
  say("the demo is removed; no later `up` brings it back\n");
}
