import { exec } from "../../node-agent/src/base/exec.ts";

/** Another machine's network, on a cable to this one. */
export interface Outside {
  readonly name: string;
  /** The address that this machine has there. */
  readonly host: string;
  remove(): Promise<void>;
}

const HOST = "10.253.77.1";
const PEER = "10.253.77.2";
/** The kernel's limit for the name of an interface. */
const MOST_CHARACTERS = 15;

export async function newOutside(name: string): Promise<Outside> {
  const cable = `glo${process.pid}`.slice(0, MOST_CHARACTERS);
  const ip = (...args: string[]) => exec(["ip", ...args]);
  await ip("netns", "add", name);
  await ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
  await ip("address", "add", `${HOST}/30`, "dev", cable);
  await ip("link", "set", cable, "up");
  await ip("-n", name, "address", "add", `${PEER}/30`, "dev", "eth0");
  await ip("-n", name, "link", "set", "eth0", "up");
  // The cable goes with the network at its end.
  return { name, host: HOST, remove: async () => void (await exec(["ip", "netns", "delete", name])) };
}
