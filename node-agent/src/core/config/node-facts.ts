import type { Instance } from "../node/instance.ts";
import type { NodeDocument } from "./node-document.ts";
import type { NodeFact } from "./templates/template-reference.ts";

/** What `{{node "..."}}` may ask for; a fact of the instance is undefined on a local node. */
export function nodeFacts(node: {
  readonly document: NodeDocument;
  readonly region: string;
  readonly instance?: Omit<Instance, "region">;
}): Readonly<Record<NodeFact, string | undefined>> {
  const { project, environment, role } = node.document;
  const { id, zone, type, accountId } = node.instance ?? {};
  return { project, environment, role, region: node.region, id, zone, type, account: accountId };
}
