import { LATE_TABLE } from "./flows/late-flows.ts";

/** A base chain as iptables makes it, without a rule. */
const BARE_CHAIN =
  /^\tchain (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) \{\n\t\ttype \w+ hook \w+ priority [\w+ -]+; policy accept;\n\t\}\n?/gm;

/** The base chains of `nft list table` that do nothing. */
export const bareChains = (text: string): string[] => [...text.matchAll(BARE_CHAIN)].map(([, name = ""]) => name);

/** True for a table that holds such chains and nothing else: no set, no map, no chain that iptables cannot show. */
export function isBare(text: string): boolean {
  const rest = text.replaceAll(BARE_CHAIN, "").replaceAll(/^#.*$/gm, "");
  return /^\s*table \w+ \w+ \{\s*\}\s*$/.test(rest);
}

/**
 * Base chains of others that drop what is forwarded, by their policy or by a rule of theirs: iptables-save shows none of
 * nft's, and what our rules accept still has to pass them. iptables' own FORWARD comes after our rules and is none.
 */
export function blockingChains(text: string): string[] {
  const tables = text.split(/^(?=table )/m).map(tableOf);
  return tables
    .filter(({ family, name }) => !OTHER_FAMILIES.has(family) && name !== LATE_TABLE)
    .flatMap(({ family, name, chains }) =>
      [...chains].flatMap(([chain, body]) => {
        const [, policy] = FORWARDED.exec(body) ?? [];
        if (policy === undefined || (family === "ip" && name === "filter" && chain === "FORWARD")) return [];
        const found = `chain ${chain} of table ${family} ${name}`;
        if (policy === "drop") return [found];
        return drops(chain, chains, new Set()) ? [`${found}, by its rules`] : [];
      }),
    );
}

const OTHER_FAMILIES: ReadonlySet<string> = new Set(["ip6", "arp", "bridge"]);
const FORWARDED = /type \w+ hook (?:ingress|prerouting|forward|postrouting|egress)\b[^;]*;(?: policy (\w+);)?/;

interface Table {
  readonly family: string;
  readonly name: string;
  readonly chains: ReadonlyMap<string, string>;
}

function tableOf(text: string): Table {
  const [, family = "", name = ""] = /^table (\w+) (\S+) \{/.exec(text) ?? [];
  const chains = [...text.matchAll(/^\tchain (\S+) \{\n(.*?)^\t\}/gms)].map(
    ([, chain = "", body = ""]) => [chain, body] as const,
  );
  return { family, name, chains: new Map(chains) };
}

// A chain may be reached in circles only where nft would have refused it; the set is for a text that is none of nft's.
function drops(chain: string, chains: Table["chains"], seen: Set<string>): boolean {
  const body = chains.get(chain);
  if (body === undefined || seen.has(chain)) return false;
  seen.add(chain);
  const rules = body.replaceAll(/"[^"]*"/g, "").replace(FORWARDED, "");
  if (/\b(drop|reject)\b/.test(rules)) return true;
  return [...rules.matchAll(/\b(?:jump|goto) ([^\s,}]+)/g)].some(([, next = ""]) => drops(next, chains, seen));
}
