import { LATE_TABLE } from "./flows/late-flows.ts";

/**
 * What the kernel tells while somebody changes the network: a switch of forwarding or of the reverse path, something
 * else of iproute2's (links, addresses, routes, policy rules, filters of tc), or rules of the packet filter.
 */
export type NetworkChange = "switch" | "network" | "rules";

/** A line of `ip -oneline monitor` or `tc monitor`. */
export function changeOf(line: string): NetworkChange | undefined {
  if (line.trim() === "") return undefined;
  return /^inet \S+ (?:forwarding|rp_filter) \S+ *$/.test(line) ? "switch" : "network";
}

/** The daemon itself tells its sets of flows, many times a second where many end. */
const OWN_TELLING = new RegExp(`^(?:add|delete) element ip ${LATE_TABLE} `);

/** Reads `nft monitor`: what one commit changed, and then a line that ends it. */
export class RuleCommits {
  #isForeign = false;

  read(line: string): NetworkChange | undefined {
    // It was told more than it could read.
    if (line.startsWith("# ERROR")) return "rules";
    if (!line.startsWith("# new generation ")) {
      this.#isForeign ||= !OWN_TELLING.test(line);
      return undefined;
    }
    const isForeign = this.#isForeign;
    this.#isForeign = false;
    return isForeign ? "rules" : undefined;
  }
}
