import { installPrograms, type Programs } from "../programs.ts";

/** Programs of the lab, its tests and its benchmarks, and the Debian package that brings each. */
export const LAB_TOOLS: Programs = {
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

export const installLabTools = (): Promise<void> => installPrograms(LAB_TOOLS);
