import { ConfigurationError } from "../errors.ts";
import type { NodeDocument } from "./node-document.ts";

/** The same as NODE_DOCUMENT_PATH, whose file brings the schema along. */
export const NODE_PATH = "/etc/greenleaf/node.json";

/** Where the resident agent answers programs of this machine; one per root, so that several nodes can share a machine. */
export const RESIDENT_SOCKET = "/run/greenleaf/agent.sock";

/** What of the node document the resident agent needs. */
export type ResidentNode = Pick<NodeDocument, "project" | "environment" | "role" | "region" | "endpoints" | "router">;

/**
 * Reads a node document that a boot has checked, or will: the schema would cost the resident agent 10 MB.
 * Only what it could not live without is looked at.
 */
export function residentNode(text: string | undefined, source: string): ResidentNode {
  const found = parseJson(text);
  if (typeof found?.project === "string" && (found.role === "app" || found.role === "router")) {
    return found as ResidentNode;
  }
  throw new ConfigurationError(`${source} is no node document`, {
    why: text === undefined ? "there is no such file" : "it lacks a project or a role",
    fix: "write it (node-agent/README.md shows the shape), then run: greenleaf-agent boot",
  });
}

function parseJson(text: string | undefined): Partial<ResidentNode> | undefined {
  try {
    return JSON.parse(text ?? "{}") as Partial<ResidentNode>;
  } catch {
    // The boot tells what is wrong with it, and where.
    return undefined;
  }
}
