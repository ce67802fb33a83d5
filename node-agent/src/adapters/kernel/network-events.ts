import { type ChildProcess, spawn } from "node:child_process";
import { childEnvironment } from "../../base/child-environment.ts";
import { eachLine, listen } from "../../base/netlink-listeners.ts";
import { changeOf, type NetworkChange, RuleCommits } from "../../core/router/nat/network-changes.ts";

export interface NetworkListener {
  /** From now on every change is told. */
  began(): void;
  changed(change: NetworkChange): void;
}

/** What the kernel tells of changes to the machine's network, as they happen. */
export interface NetworkEvents {
  /** Ends at the signal, or when it cannot hear (any more): a program is missing, has ended, or was told too much at once. */
  follow(listener: NetworkListener, signal: AbortSignal): Promise<void>;
}

/** Of IPv6 everything is dropped by rule: a router's advertisements, which come again and again, change nothing. */
const OF_IP = ["ip", "-4", "-oneline", "monitor", "link", "address", "route", "rule", "netconf"] as const;
const OF_TC = ["tc", "monitor"] as const;
const OF_RULES = ["nft", "monitor"] as const;

export const networkEvents: NetworkEvents = {
  async follow(listener, signal) {
    const ended = new AbortController();
    const commits = new RuleCommits();
    const tell = (change: NetworkChange | undefined) => change && listener.changed(change);
    const programs = [
      started(OF_IP, ended, (line) => tell(changeOf(line))),
      started(OF_TC, ended, (line) => tell(changeOf(line))),
      started(OF_RULES, ended, (line) => tell(commits.read(line))),
    ];
    const either = AbortSignal.any([signal, ended.signal]);
    if (await listen(programs, () => either.aborted)) listener.began();
    else ended.abort();
    if (!either.aborted) await new Promise((resolve) => either.addEventListener("abort", resolve, { once: true }));
    for (const program of programs) program.kill();
  },
};

function started(
  [name, ...args]: readonly [string, ...string[]],
  ended: AbortController,
  take: (line: string) => void,
) {
  const env = { ...childEnvironment(process.env), LC_ALL: "C" };
  const child: ChildProcess = spawn(name, args, { stdio: ["ignore", "pipe", "ignore"], env });
  for (const event of ["error", "close"] as const) child.once(event, () => ended.abort());
  if (child.stdout) eachLine(child.stdout, take);
  return child;
}
