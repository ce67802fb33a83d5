import { GROUPS, type Group } from "../core/install-plan.ts";
import { EXIT, PermissionError, UsageError } from "../errors.ts";
import { install } from "../phases/install.ts";
import { uninstall } from "../phases/install-remove.ts";
import type { Boot } from "../phases/phase.ts";
import type { Command, Invocation } from "./command.ts";

/** What an instance needs; `tools` are for a machine that builds images. */
const DEFAULT_GROUPS: readonly Group[] = ["engine", "plugins", "units"];

export const installCommand: Command = {
  name: "install",
  summary: "install what a node needs: container engine, its plugins, the agent's units",
  examples: [
    "greenleaf-agent install",
    "greenleaf-agent install --plan",
    "greenleaf-agent install --only engine,plugins,tools",
    "greenleaf-agent install --remove",
  ],
  options: {
    only: { type: "string", value: "GROUPS", summary: `of ${GROUPS.join(", ")}; default ${DEFAULT_GROUPS.join(",")}` },
    plan: { type: "boolean", summary: "print what would be done, change nothing" },
    remove: { type: "boolean", summary: "take away what install added, as its record says" },
  },
  run: async (invocation) => {
    const { options, print } = invocation;
    const boot = newBoot(invocation);
    if (boot.mode === "apply") await requireRoot(boot);
    if (options.remove === true) {
      const complete = await uninstall(boot);
      if (boot.mode === "apply" && !complete) return EXIT.degraded;
    } else await install(boot, groupsIn(options));
    if (boot.mode === "plan") for (const { name, why } of boot.operations) print(`${name}  (${why})`);
    return EXIT.ready;
  },
};

// A plan's operations go to stdout, as data; on stderr they would stand a second time.
function newBoot({ world, log, options }: Invocation): Boot {
  const quiet: Invocation["log"] = { emit: (event) => (event.kind === "operation" ? undefined : log.emit(event)) };
  const mode = options.plan === true ? "plan" : "apply";
  return { world, log: mode === "plan" ? quiet : log, mode, operations: [], results: [] };
}

function groupsIn({ only }: Invocation["options"]): readonly Group[] {
  if (typeof only !== "string") return DEFAULT_GROUPS;
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !GROUPS.some((group) => group === name));
  if (unknown.length === 0) return names as Group[];
  throw new UsageError(`--only ${unknown.join(",")} is not known`, {
    why: `the groups are ${GROUPS.join(", ")}`,
    fix: "name some of these, separated by commas",
  });
}

async function requireRoot({ world }: Boot): Promise<void> {
  const { stdout } = await world.exec(["id", "-u"]);
  if (stdout.trim() === "0") return;
  throw new PermissionError("install needs root", {
    why: "it installs packages and starts the container engine",
    fix: "run: sudo greenleaf-agent install",
  });
}
