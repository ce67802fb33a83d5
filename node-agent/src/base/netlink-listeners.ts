import type { ChildProcess } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Looks until a program must have begun to listen: 10 s. */
const LISTEN_TRIES = 500;
const LISTEN_MS = 20;

/** True once each of the programs hears the kernel's events; false when it is over before, or one never does. */
export async function listen(programs: readonly ChildProcess[], isOver: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < LISTEN_TRIES && !isOver(); tries += 1) {
    const hearing = await Promise.all(programs.map(({ pid }) => isListening(pid)));
    if (hearing.every(Boolean)) return true;
    await sleep(LISTEN_MS);
  }
  return false;
}

/** Whether a process has a netlink socket that belongs to a group of the kernel's events. */
async function isListening(pid: number | undefined): Promise<boolean> {
  try {
    const folder = `/proc/${pid}/fd`;
    const links = await Promise.all(
      (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => "")),
    );
    const table = await readFile("/proc/net/netlink", "utf8");
    const listening = table
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , groups]) => Number(`0x${groups}`) > 0);
    return listening.some((fields) => links.includes(`socket:[${fields.at(-1)}]`));
  } catch {
    // It has ended; its socket's end tells the other side.
    return false;
  }
}

/** Longer than any line; what has no end of line is dropped. */
const MAX_LINE = 4_096;

export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("latin1").on("data", (chunk: string) => {
    const text = `${rest}${chunk}`;
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      take(text.slice(from, end));
      from = end + 1;
    }
    rest = text.slice(from).slice(-MAX_LINE);
  });
}
