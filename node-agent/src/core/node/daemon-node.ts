import { ConfigurationError } from "../../base/errors.ts";
import type { NodeDocument } from "../config/node-document.ts";

/** What of the node document the daemon needs. */
export type DaemonNode = Pick<
  NodeDocument,
  "project" | "environment" | "role" | "region" | "endpoints" | "router" | "rotation"
>;

/**
 * Reads a node document that a boot has checked, or will: the schema would cost the daemon 10 MB.
 * Only what it could not live without is looked at.
 */
export function readDaemonNode(text: string | undefined, source: string): DaemonNode {
  const found = parseJson(text);
  if (typeof found?.project === "string" && (found.role === "app" || found.role === "router")) {
    return found as DaemonNode;
  }
  throw new ConfigurationError(`${source} is no node document`, {
    code: "node.document",
    why: text === undefined ? "there is no such file" : "it lacks a project or a role",
    fix: "write it (node-agent/README.md shows the shape), then run: greenleaf-agent boot",
  });
}

function parseJson(text: string | undefined): Partial<DaemonNode> | undefined {
  try {
    return JSON.parse(text ?? "{}") as Partial<DaemonNode>;
  } catch {
    // The boot tells what is wrong with it, and where.
    return undefined;
  }
}
