/**
 * A late packet is one from the middle of a TCP flow that the kernel has no entry of: the flow was idle beyond the limit,
 * or somebody emptied the table under it. The packet looks the same; the end of the entry, which the kernel tells, does
 * not. A table of nft marks late packets by what was told, and rules of the packet filter act on the mark.
 */
export const LATE_TABLE = "greenleaf-late";
/** Its flow was seen to expire: a reset. */
export const EXPIRED_MARK = "0x474c0001";
/** Nothing is known of its flow yet: dropped, for the sender tries again. */
export const HELD_MARK = "0x474c0002";

const TUPLE = "ip saddr . tcp sport . ip daddr . tcp dport";
const TYPE = "type ipv4_addr . inet_service . ipv4_addr . inet_service";

/**
 * How long a flow is remembered, and how many are: Linux asks after an idle connection every two hours. A set that is
 * full takes no more, and what it did not take is adopted.
 */
const EXPIRED = "size 32768; timeout 3h";
/** An expired entry is told when the packet itself finds it; within a second its end has been heard of. */
const HELD = "size 16384; timeout 1s";
const ASKED = "size 16384; timeout 1m";

/** A nat chain sees the first packet of a flow and no other. A new flow of the same ends takes back what was remembered. */
export function lateTable(sources: readonly string[]): string {
  const set = (name: string, of: string) => `  set ${name} { ${TYPE}; flags timeout,dynamic; ${of}; }`;
  return `${[
    `table ip ${LATE_TABLE}`,
    `delete table ip ${LATE_TABLE}`,
    `table ip ${LATE_TABLE} {`,
    set("expired", EXPIRED),
    set("held", HELD),
    set("asked", ASKED),
    `  chain begun { ${TUPLE} @expired delete @expired { ${TUPLE} }; }`,
    "  chain judge {",
    "    type nat hook prerouting priority dstnat - 1; policy accept;",
    "    meta l4proto != tcp accept",
    `    ip saddr != { ${sources.join(", ")} } accept`,
    "    tcp flags & (fin|syn|rst|ack) == syn goto begun",
    `    ${TUPLE} @expired meta mark set ${EXPIRED_MARK} accept`,
    `    ${TUPLE} @held meta mark set ${HELD_MARK} accept`,
    `    ${TUPLE} @asked accept`,
    `    add @asked { ${TUPLE} } add @held { ${TUPLE} } meta mark set ${HELD_MARK}`,
    "  }",
    "}",
  ].join("\n")}\n`;
}

export type EndedFlow =
  | { readonly kind: "expired"; readonly element: string }
  /** `line` is one of a listing, as it was before somebody deleted it; `by` is the program, where it still ran. */
  | { readonly kind: "deleted"; readonly address: string; readonly line: string; readonly by: string | undefined };

const ENDED =
  /^-D (-t \d+ )?.*?-s ([\d.]+) -d ([\d.]+) -r \S+ -n ([\d.]+) -p (tcp|udp) --sport (\d+) --dport (\d+) (.*)$/;
/** Of those a flow that ended by itself is in none. */
const UNENDED = /--state (?:ESTABLISHED|FIN_WAIT|CLOSE_WAIT)\b/;
const DELETED = / \[USERSPACE\].*$/;

/**
 * Reads an end as `conntrack -E -e DESTROY -o save` writes it; undefined for one that means nothing here. An entry that
 * expired has no time left, and one that a program deleted says so.
 */
export function endedFlow(line: string): EndedFlow | undefined {
  const [, left, source, target, address = "", protocol, sport, dport, rest = ""] = ENDED.exec(line) ?? [];
  if (source === undefined) return undefined;
  if (DELETED.test(rest)) {
    const by = /progname=(\S+)/.exec(rest)?.[1];
    return { kind: "deleted", address, line: line.replace("-D ", "-A ").replace(DELETED, ""), by };
  }
  if (left !== undefined || protocol !== "tcp" || !UNENDED.test(rest)) return undefined;
  return { kind: "expired", element: `${source} . ${sport} . ${target} . ${dport}` };
}

/** Tells the table of flows that expired. */
export const expiredElements = (elements: readonly string[]): string =>
  `add element ip ${LATE_TABLE} expired { ${elements.join(", ")} }\n`;
