import { PROBE_ADDRESS } from "./config.ts";
import type { NatOperation } from "./operation.ts";
import { type Family, isOwn, type Jump, OWN_PREFIX, type OwnTable } from "./rules.ts";
import { isIdle, type Saved, type SavedTable } from "./saved.ts";

/** At most one restore: everything a family needs goes to the kernel in one transaction. */
export function planRules(family: Family, wanted: readonly OwnTable[], saved: Saved): NatOperation[] {
  const changes = [
    ...wanted.flatMap((own) => tableChange(own, saved.get(own.table)) ?? []),
    ...[...saved.values()].flatMap((table) => (isWanted(table, wanted) ? [] : (leftover(table) ?? []))),
  ];
  if (changes.length === 0) return [];
  return [
    {
      kind: "restore",
      family,
      name: `restore ${family} ${changes.map(({ table }) => table).join(", ")}`,
      why: changes.map(({ why }) => why).join("; "),
      text: changes.map(({ text }) => text).join(""),
    },
  ];
}

/** The text a machine without any rule needs: what a reboot restores. */
export function freshRules(wanted: readonly OwnTable[]): string {
  return planRules("ipv4", wanted, new Map())
    .map((operation) => (operation.kind === "restore" ? operation.text : ""))
    .join("");
}

/** Takes out everything of ours; tables that did not exist before and do nothing now go too. */
export function planRulesRemoval(family: Family, saved: Saved, createdTables: readonly string[]): NatOperation[] {
  const used = [...saved.values()].filter((table) => ownLines(table).length > 0);
  const text = used.map(withdrawal).join("");
  const restore: NatOperation[] =
    used.length === 0
      ? []
      : [
          {
            kind: "restore",
            family,
            name: `restore ${family} without ${OWN_PREFIX}*`,
            why: "the router's rules go",
            text,
          },
        ];
  const idle = [...saved.values()].filter((table) => createdTables.includes(table.name) && isIdle(withoutOwn(table)));
  return [...restore, ...idle.map((table) => deleteTable(family, table.name))];
}

function deleteTable(family: Family, table: string): NatOperation {
  const why = "it was not there before the router's rules, and it is empty";
  return { kind: "delete-table", family, table, name: `delete table ${family} ${table}`, why };
}

/**
 * True when the table translates our clients' packets; forwarding must be off while it does not. What follows our rules
 * cannot change that, nor can the router's own probes: a new version changes those without closing the way.
 */
export function translates(wanted: readonly OwnTable[], saved: Saved): boolean {
  const nat = wanted.find(({ table }) => table === "nat");
  const found = saved.get("nat");
  if (nat === undefined || found === undefined) return false;
  // By which address is another question: whoever is translated does not leak.
  const ofClients = (rules: readonly string[]) =>
    rules
      .filter((rule) => !rule.startsWith(OF_PROBES))
      .map((rule) => rule.replace(/-j (MASQUERADE|SNAT --to-source \S+)$/, "-j TRANSLATED"));
  const stand = Object.entries(nat.chains).every(([chain, rules]) => {
    const first = ofClients(found.rules.get(chain) ?? []).slice(0, ofClients(rules).length);
    return sameRules(first, ofClients(rules));
  });
  return stand && nat.jumps.every((jump) => isPlaced(jump, found));
}

// 169.254.77.
const OF_PROBES = `-s ${PROBE_ADDRESS.replace(/\d+$/, "")}`;

interface TableChange {
  readonly table: string;
  readonly why: string;
  readonly text: string;
}

function tableChange(own: OwnTable, found: SavedTable | undefined): TableChange | undefined {
  const chains = Object.entries(own.chains);
  const differing = chains
    .filter(([chain, rules]) => !sameRules(found?.rules.get(chain), rules))
    .map(([chain]) => chain);
  const jumps = own.jumps.filter((jump) => !isPlaced(jump, found));
  const obsolete = ownChains(found).filter((chain) => own.chains[chain] === undefined);
  if (differing.length + jumps.length + obsolete.length === 0) return undefined;
  const lines = [
    `*${own.table}`,
    // Under --noflush a declared chain of the user's is emptied, and filled by the lines below, in the same commit.
    ...chains.map(([chain]) => `:${chain} - [0:0]`),
    ...chains.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...jumps.flatMap((jump) => jumpLines(jump, found)),
    ...obsolete.flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
    "COMMIT",
  ];
  return {
    table: own.table,
    why: reason(own.table, { differing, jumps, obsolete, found }),
    text: `${lines.join("\n")}\n`,
  };
}

const isWanted = ({ name }: SavedTable, wanted: readonly OwnTable[]): boolean =>
  wanted.some(({ table }) => table === name);

// Of an earlier version, which had chains in more tables.
function leftover(found: SavedTable): TableChange | undefined {
  const chains = ownChains(found);
  if (chains.length === 0) return undefined;
  const differences = { differing: [], jumps: [], obsolete: chains, found };
  return { table: found.name, why: reason(found.name, differences), text: withdrawal(found) };
}

interface Differences {
  readonly differing: readonly string[];
  readonly jumps: readonly Jump[];
  readonly obsolete: readonly string[];
  readonly found: SavedTable | undefined;
}

function reason(table: string, { differing, jumps, obsolete, found }: Differences): string {
  const missing = differing.filter((chain) => !found?.rules.has(chain));
  const changed = differing.filter((chain) => found?.rules.has(chain));
  const parts = [
    ...(missing.length > 0 ? [`no ${missing.join(", ")}`] : []),
    ...(changed.length > 0 ? [`${changed.join(", ")} differs`] : []),
    ...jumps.map((jump) => `${jump.from} does not jump to ${jump.to} ${jump.at}`),
    ...obsolete.map((chain) => `${chain} is of no use any more`),
  ];
  return `${table}: ${parts.join(", ")}`;
}

function sameRules(found: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return found !== undefined && found.length === wanted.length && found.every((rule, index) => rule === wanted[index]);
}

const jumpRule = (jump: Jump): string => `-j ${jump.to}`;

function jumpPositions(jump: Jump, found: SavedTable | undefined): readonly number[] {
  const rules = found?.rules.get(jump.from) ?? [];
  return rules.flatMap((rule, index) => (rule === jumpRule(jump) ? [index] : []));
}

function isPlaced(jump: Jump, found: SavedTable | undefined): boolean {
  const positions = jumpPositions(jump, found);
  const wanted = jump.at === "first" ? 0 : (found?.rules.get(jump.from)?.length ?? 0) - 1;
  return positions.length === 1 && positions[0] === wanted;
}

function jumpLines(jump: Jump, found: SavedTable | undefined): string[] {
  const deletions = jumpPositions(jump, found).map(() => `-D ${jump.from} ${jumpRule(jump)}`);
  const insertion = jump.at === "first" ? `-I ${jump.from} 1 ${jumpRule(jump)}` : `-A ${jump.from} ${jumpRule(jump)}`;
  return [...deletions, insertion];
}

function ownChains(found: SavedTable | undefined): string[] {
  return [...(found?.rules.keys() ?? [])].filter(isOwn);
}

// A rule of others that leads into a chain of ours would keep it from going.
const leadsToUs = (rule: string): boolean => isOwn(/ ?-[jg] (\S+)$/.exec(rule)?.[1] ?? "");

function ownLines(table: SavedTable): string[] {
  const chains = ownChains(table);
  const jumps = [...table.rules]
    .filter(([chain]) => !isOwn(chain))
    .flatMap(([chain, rules]) => rules.filter(leadsToUs).map((rule) => `-D ${chain} ${rule}`));
  return [...jumps, ...chains.map((chain) => `-F ${chain}`), ...chains.map((chain) => `-X ${chain}`)];
}

const withdrawal = (table: SavedTable): string => `*${table.name}\n${ownLines(table).join("\n")}\nCOMMIT\n`;

function withoutOwn(table: SavedTable): SavedTable {
  const foreign = <T>(entries: ReadonlyMap<string, T>) => new Map([...entries].filter(([chain]) => !isOwn(chain)));
  const rules = [...foreign(table.rules)].map(([chain, lines]): [string, readonly string[]] => [
    chain,
    lines.filter((line) => !leadsToUs(line)),
  ]);
  return { name: table.name, policies: foreign(table.policies), rules: new Map(rules) };
}
