import type { Saved } from "../../router/nat/saved.ts";
import { type FrontPort, frontOwner } from "./front.ts";

/** Docker's own chain, by which it gives a published port to its container. */
const DOCKER = "DOCKER";
/** What Docker leaves to its proxy, where it has one: requests of the machine to itself. */
const BUT_LOOPBACK = "! -d 127.0.0.0/8";
const ALL_ADDRESSES = new Set(["", "0.0.0.0"]);

type Chains = ReadonlyMap<string, readonly string[]>;

const chainsOf = (saved: Saved): Chains => saved.get("nat")?.rules ?? new Map<string, readonly string[]>();
const markOf = (owner: string): string => `greenleaf: ${owner} is served by `;
const isOurs = (rule: string, owner: string): boolean => rule.includes(`--comment "${markOf(owner)}`);

/** Short id of the container that our rules give a service's new connections to; undefined where there is no rule. */
export function movedTo(saved: Saved, owner: string): string | undefined {
  const rule = [...chainsOf(saved).values()].flat().find((one) => isOurs(one, owner));
  return rule?.split(markOf(owner))[1]?.split('"')[0];
}

/** Docker's bridges, whose containers it leaves to its proxy: what it forwards between two of them it drops. */
const bridgesOf = (chains: Chains): string[] =>
  (chains.get(DOCKER) ?? []).flatMap((rule) => /^-i (\S+) -j RETURN$/.exec(rule)?.[1] ?? []);

/** Whom Docker gives a port of the machine to, each an address and a port. */
function forwardsOf(chains: Chains, published: number): string[] {
  const meant = (chains.get(DOCKER) ?? []).filter((rule) => rule.includes(` --dport ${published} `));
  return meant.flatMap((rule) => /--to-destination (\S+)$/.exec(rule)?.[1] ?? []);
}

/** Why new connections to these ports cannot be moved away from the container that has these addresses. */
export function whyFixed(saved: Saved, ports: readonly FrontPort[], addresses: readonly string[]): string | undefined {
  const chains = chainsOf(saved);
  const isHeld = ({ published, target }: FrontPort) =>
    addresses.some((address) => forwardsOf(chains, published).includes(`${address}:${target}`));
  const foreign = ports.find((port) => !isHeld(port));
  if (foreign !== undefined) return `iptables here shows no rule of Docker's for port ${foreign.published}`;
  const jump = (chains.get("OUTPUT") ?? []).find((rule) => rule.endsWith(`-j ${DOCKER}`));
  return jump?.includes(BUT_LOOPBACK) ? undefined : "Docker runs without its proxy (userland-proxy)";
}

export interface Move {
  readonly owner: string;
  readonly ports: readonly FrontPort[];
  /** Short id of the stand-in. */
  readonly to: string;
  /** Ports of the machine that the engine chose for it, by its own. */
  readonly chosen: ReadonlyMap<number, number>;
}

/**
 * For iptables-restore --noflush: new connections go to the stand-in, those that are open stay where they are. What comes
 * from outside goes to its address, as by Docker's own rule; what comes from this machine or its containers to its
 * proxy, as Docker has it. Undefined where the engine has given it no port.
 */
export function moveText(saved: Saved, { owner, ports, to, chosen }: Move): string | undefined {
  const chains = chainsOf(saved);
  const bridges = bridgesOf(chains);
  const rules: string[] = [];
  for (const { published, target, hostIp } of ports) {
    const own = chosen.get(target);
    const [forward] = own === undefined ? [] : forwardsOf(chains, own);
    if (own === undefined || forward === undefined) return undefined;
    const address = ALL_ADDRESSES.has(hostIp) ? "" : `-d ${hostIp}/32 `;
    const rule = (chain: string, from: string, where: string) =>
      `-I ${chain} 1 ${address}${from}-p tcp -m tcp --dport ${published} -m addrtype --dst-type LOCAL ` +
      `-m comment --comment "${markOf(owner)}${to}" -j DNAT --to-destination ${where}`;
    // Each is put before the last one.
    rules.push(rule("OUTPUT", "", `:${own}`));
    if (hostIp.startsWith("127.")) continue;
    rules.push(rule("PREROUTING", "", forward));
    for (const bridge of bridges) rules.push(rule("PREROUTING", `-i ${bridge} `, `:${own}`));
  }
  return natText([...withdrawals(chains, owner), ...rules]);
}

/** Takes our rules away, so that Docker's own count again; undefined where there are none. */
export function moveBackText(saved: Saved, owner: string): string | undefined {
  const ours = withdrawals(chainsOf(saved), owner);
  return ours.length === 0 ? undefined : natText(ours);
}

/** The same for every service of a project. */
export function projectBackText(saved: Saved, project: string): string | undefined {
  const mark = `--comment "greenleaf: ${frontOwner(project, "")}`;
  const ours = withdrawn(chainsOf(saved), (rule) => rule.includes(mark));
  return ours.length === 0 ? undefined : natText(ours);
}

const natText = (lines: readonly string[]): string => ["*nat", ...lines, "COMMIT", ""].join("\n");

const withdrawals = (chains: Chains, owner: string): string[] => withdrawn(chains, (rule) => isOurs(rule, owner));

const withdrawn = (chains: Chains, isMeant: (rule: string) => boolean): string[] =>
  [...chains].flatMap(([chain, rules]) => rules.filter(isMeant).map((rule) => `-D ${chain} ${rule}`));
