import { GROUPS, GROUPS_OF_ROLE, type Group } from "../core/install-plan.ts";
import { RELEASE_KEY_PATH } from "../core/release.ts";
import { NODE_PATH, residentNode } from "../core/resident-node.ts";
import { EXIT, PermissionError, UsageError } from "../errors.ts";
import { install } from "../phases/install.ts";
import type { AgentSource } from "../phases/install-agent.ts";
import { uninstall } from "../phases/install-remove.ts";
import type { Boot } from "../phases/phase.ts";
import { reportInstall } from "../phases/report.ts";
import type { Command, Invocation } from "./command.ts";

export const installCommand: Command = {
  name: "install",
  summary: "install what a node needs: the agent, the container engine or a router's programs, the agent's units",
  examples: [
    "greenleaf-agent install",
    "greenleaf-agent install --plan",
    "greenleaf-agent install --from /tmp/agent --key /tmp/agent/release.pub --role app",
    "greenleaf-agent install --only engine,plugins,tools",
    "greenleaf-agent install --remove",
  ],
  options: {
    from: { type: "string", value: "DIR", summary: "signed archive of the agent, verified before it is used" },
    key: { type: "string", value: "FILE", summary: `key it must be signed with; default ${RELEASE_KEY_PATH}` },
    role: { type: "string", value: "ROLE", summary: "app or router; default: the node document's, else app" },
    only: { type: "string", value: "GROUPS", summary: `of ${GROUPS.join(", ")}; default: what the role needs` },
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
      return tell(boot, print);
    }
    if (boot.mode === "apply") await reportInstall(boot);
    const refused = await install(boot, await groupsIn(invocation), sourceIn(invocation));
    const code = tell(boot, print);
    return refused === undefined ? code : EXIT.degraded;
  },
};

function tell({ mode, operations }: Boot, print: Invocation["print"]): 0 {
  if (mode === "plan") for (const { name, why } of operations) print(`${name}  (${why})`);
  return EXIT.ready;
}

// A plan's operations go to stdout, as data; on stderr they would stand a second time.
function newBoot({ world, log, options }: Invocation): Boot {
  const quiet: Invocation["log"] = { emit: (event) => (event.kind === "operation" ? undefined : log.emit(event)) };
  const mode = options.plan === true ? "plan" : "apply";
  return { world, log: mode === "plan" ? quiet : log, mode, operations: [], results: [] };
}

function sourceIn({ world, options }: Invocation): AgentSource | undefined {
  const { from, key } = options;
  if (typeof from !== "string") return undefined;
  return { from, key: typeof key === "string" ? key : world.files.path(RELEASE_KEY_PATH) };
}

async function groupsIn(invocation: Invocation): Promise<readonly Group[]> {
  const { only } = invocation.options;
  if (typeof only !== "string") return GROUPS_OF_ROLE[await roleOf(invocation)];
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !GROUPS.some((group) => group === name));
  if (unknown.length === 0) return names as Group[];
  throw new UsageError(`--only ${unknown.join(",")} is not known`, {
    why: `the groups are ${GROUPS.join(", ")}`,
    fix: "name some of these, separated by commas",
  });
}

async function roleOf({ world, options }: Invocation): Promise<"app" | "router"> {
  const { role } = options;
  if (role === "app" || role === "router") return role;
  if (role !== undefined)
    throw new UsageError(`--role ${role} is not known`, { why: "it is app or router", fix: "name one of the two" });
  const document = await world.files.read(NODE_PATH);
  return document === undefined ? "app" : residentNode(document, NODE_PATH).role;
}

async function requireRoot({ world }: Boot): Promise<void> {
  const { stdout } = await world.exec(["id", "-u"]);
  if (stdout.trim() === "0") return;
  throw new PermissionError("install needs root", {
    why: "it installs packages and starts the container engine",
    fix: "run: sudo greenleaf-agent install",
  });
}
