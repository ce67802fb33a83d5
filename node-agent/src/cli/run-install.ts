import { EXIT, type ExitCode, PermissionError, UsageError } from "../base/errors.ts";
import { NODE_DOCUMENT_PATH, RELEASE_KEY_PATH } from "../base/paths.ts";
import { GROUPS, GROUPS_OF_ROLE, type Group } from "../core/install/groups.ts";
import { readDaemonNode } from "../core/node/daemon-node.ts";
import { reportInstall } from "../phases/boot/report.ts";
import type { AgentSource } from "../phases/install/agent.ts";
import { install } from "../phases/install/install.ts";
import { uninstall } from "../phases/install/remove.ts";
import type { Boot } from "../phases/phase.ts";
import type { Invocation } from "./command.ts";

export async function runInstall(invocation: Invocation): Promise<ExitCode> {
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
}

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
    code: "usage.groups",
    why: `the groups are ${GROUPS.join(", ")}`,
    fix: "name some of these, separated by commas",
  });
}

async function roleOf({ world, options }: Invocation): Promise<"app" | "router"> {
  const { role } = options;
  if (role === "app" || role === "router") return role;
  if (role !== undefined)
    throw new UsageError(`--role ${role} is not known`, {
      code: "usage.role",
      why: "it is app or router",
      fix: "name one of the two",
    });
  const document = await world.files.read(NODE_DOCUMENT_PATH);
  return document === undefined ? "app" : readDaemonNode(document, NODE_DOCUMENT_PATH).role;
}

async function requireRoot({ world }: Boot): Promise<void> {
  const { stdout } = await world.exec(["id", "-u"]);
  if (stdout.trim() === "0") return;
  throw new PermissionError("install needs root", {
    code: "root.needed",
    why: "it installs packages and starts the container engine",
    fix: "run: sudo greenleaf-agent install",
  });
}
