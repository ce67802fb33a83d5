import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";

/** Listening ports of the machine. */
export interface Ports {
  /** Undefined when the TCP port can be listened on; otherwise who holds it, as far as can be seen. */
  holderOf(port: number, hostIp: string): Promise<string | undefined>;
}

export const machinePorts: Ports = {
  holderOf: async (port, hostIp) => ((await isFree(port, hostIp)) ? undefined : await listener(port)),
};

function isFree(port: number, hostIp: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    // An address that is not of this machine is the engine's to refuse, in its own words.
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host: hostIp === "" ? "0.0.0.0" : hostIp, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Whether a process is one that listens on a TCP port of the machine. */
export const listensOn = async (pid: number, port: number): Promise<boolean> =>
  holds(String(pid), await listenersOf(port));

async function listener(port: number): Promise<string> {
  const inodes = await listenersOf(port);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) if (await holds(pid, inodes)) return `${await programOf(pid)} (process ${pid})`;
  return "another program";
}

/** Column 10 of /proc/net/tcp is the socket's inode, which a descriptor of the holder points at. */
async function listenersOf(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter(([, local, , state]) => local?.endsWith(wanted) && state === "0A")
    .flatMap((columns) => columns[9] ?? []);
}

async function holds(pid: string, inodes: readonly string[]): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return inodes.some((inode) => targets.includes(`socket:[${inode}]`));
}

const programOf = async (pid: string): Promise<string> =>
  (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "a program")).trim();
