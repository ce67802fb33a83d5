import { RELEASE_KEY_PATH } from "../base/paths.ts";
import { GROUPS } from "../core/install/groups.ts";
import type { Command } from "./command.ts";

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
  run: async (invocation) => (await import("./run-install.ts")).runInstall(invocation),
};
