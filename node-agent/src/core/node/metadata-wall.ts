import type { Family } from "../router/nat/rules.ts";
import type { Saved } from "../router/nat/saved.ts";

/** Where EC2 tells an instance who it is, and gives out its role's credentials. */
const ADDRESSES: Readonly<Record<Family, string>> = { ipv4: "169.254.169.254/32", ipv6: "fd00:ec2::254/128" };
/** How a rule of ours is known, whoever lists it. */
const MARK = "greenleaf: no instance metadata for containers";
/** The chain Docker leaves to its machine, and asks first; where there is none, the kernel's own. */
const DOCKER = "DOCKER-USER";

export interface WallOperation {
  readonly name: string;
  readonly why: string;
  readonly family: Family;
  /** For iptables-restore --noflush. */
  readonly text: string;
}

const isOurs = (rule: string): boolean => rule.includes(`--comment "${MARK}"`);
const ruleOf = (family: Family): string => `-d ${ADDRESSES[family]} -m comment --comment "${MARK}" -j DROP`;
const filterText = (lines: readonly string[]): string => ["*filter", ...lines, "COMMIT", ""].join("\n");

/** One rule before all others; nothing where it stands there already. No rule of anybody else is touched. */
export function planWall(family: Family, saved: Saved): WallOperation[] {
  const chains = saved.get("filter")?.rules ?? new Map<string, readonly string[]>();
  const chain = chains.has(DOCKER) ? DOCKER : "FORWARD";
  const ours = withdrawals(chains);
  const isFirst = (chains.get(chain)?.[0] ?? "") === ruleOf(family);
  if (isFirst && ours.length === 1) return [];
  const why = ours.length === 0 ? "containers could ask for the node's credentials" : "it is not the first rule";
  const name = `put the ${family} rule against instance metadata into ${chain}`;
  return [{ name, why, family, text: filterText([...ours, `-I ${chain} 1 ${ruleOf(family)}`]) }];
}

/** Takes every rule of ours out. */
export function planWallRemoval(family: Family, saved: Saved): WallOperation[] {
  const ours = withdrawals(saved.get("filter")?.rules ?? new Map<string, readonly string[]>());
  if (ours.length === 0) return [];
  const name = `take the ${family} rule against instance metadata away`;
  return [{ name, why: "this machine is to be no node any more", family, text: filterText(ours) }];
}

function withdrawals(chains: ReadonlyMap<string, readonly string[]>): string[] {
  return [...chains].flatMap(([chain, rules]) => rules.filter(isOurs).map((rule) => `-D ${chain} ${rule}`));
}
