import { existsSync } from "node:fs";
import { run } from "./namespaces.ts";

/** Programs of the lab, its tests and its benchmarks, and the Debian package that brings each. */
export const LAB_TOOLS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  iptables: "iptables",
  nft: "nftables",
  conntrack: "conntrack",
  conntrackd: "conntrackd",
  iperf3: "iperf3",
  ping: "iputils-ping",
  python3: "python3",
  faketime: "faketime",
  ethtool: "ethtool",
};

const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

export const hasProgram = (program: string): boolean => FOLDERS.some((folder) => existsSync(`${folder}/${program}`));

/** Installs what is missing where that is possible; what still is missing its users name and skip. */
export async function installLabTools(): Promise<void> {
  const missing = Object.entries(LAB_TOOLS).flatMap(([program, tool]) => (hasProgram(program) ? [] : [tool]));
  if (missing.length === 0 || process.getuid?.() !== 0 || !hasProgram("apt-get")) return;
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing];
  const first = await run(install);
  if (first.code === 0) return;
  // On a fresh machine the lists of packages are not there yet.
  await run(["apt-get", "update"]);
  const { code, stderr } = await run(install);
  if (code !== 0) process.stdout.write(`not installed: ${missing.join(", ")}: ${stderr.trim().split("\n").at(-1)}\n`);
}
