import { INSTALL_SWAP_PATH } from "../../base/paths.ts";
import type { Distribution } from "./distributions.ts";

/** Memory and swap of a machine, as the kernel tells them. */
export interface RoomFacts {
  /** Text of /proc/meminfo and /proc/swaps. */
  readonly meminfo: string;
  readonly swaps: string;
  /** Whether the file of an installation that was killed lies there. */
  readonly leftOver: boolean;
}

export type RoomOperation = { name: string; why: string } & (
  | { kind: "add swap"; megabytes: number }
  | { kind: "remove swap" }
);

/** dnf reads the lists of all packages into memory: on a t3.nano (512 MB) the kernel kills it (amazon-linux-2023#404). */
const DNF_KB = 1024 * 1024;
const SWAP_MB = 1024;

const kilobytes = (meminfo: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? Number.NaN);

const isOurs = ({ swaps }: RoomFacts): boolean =>
  swaps.split("\n").some((line) => line.startsWith(`${INSTALL_SWAP_PATH} `));

/** Room for the packager while packages are installed, and what is made for it taken away after them. */
export function roomFor(
  { packager }: Pick<Distribution, "packager">,
  facts: RoomFacts,
  installs: boolean,
): { readonly before: readonly RoomOperation[]; readonly after: readonly RoomOperation[] } {
  const ours = isOurs(facts);
  const room = kilobytes(facts.meminfo, "MemTotal") + kilobytes(facts.meminfo, "SwapTotal");
  // What is not known is no reason to fill a disk.
  const adds = installs && packager === "dnf" && room < DNF_KB && !ours;
  const before = adds ? [addSwap(room)] : [];
  return { before, after: adds || ours || facts.leftOver ? [REMOVE] : [] };
}

const addSwap = (room: number): RoomOperation => ({
  kind: "add swap",
  megabytes: SWAP_MB,
  name: `swap on ${INSTALL_SWAP_PATH}, ${SWAP_MB} MB`,
  why: `dnf does not fit into ${Math.round(room / 1024)} MB`,
});

const REMOVE: RoomOperation = {
  kind: "remove swap",
  name: `remove ${INSTALL_SWAP_PATH}`,
  why: "it was for the installation of packages",
};
