import { connect } from "node:net";

export interface FollowedLogs {
  readonly id: string;
  readonly heard: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two readings while lines come. */
  readonly everyMs?: number;
}

/** The engine writes each line by itself: a process that read it at once would be woken hundreds of times a second. */
const EVERY_MS = 1_000;
/** So much at once, and more waits than the kernel holds: the rest is read ten times as soon. */
const FULL_BYTES = 16 * 1024;
const READ_BYTES = 64 * 1024;
const HEAD_END = "\r\n\r\n";
const MAX_HEAD = 16 * 1024;
const FRAME_BYTES = 8;
/** The engine cuts longer lines. */
const MAX_LINE = 64 * 1024;

/**
 * Hears what a container prints on stdout from now on, some seconds late, until it ends; that it cannot be heard is the same.
 * Asked in HTTP/1.0, whose answer comes as it is: node:http would call for each line, which costs ten times as much.
 */
export function followLogs(socketPath: string, { id, heard, signal, everyMs = EVERY_MS }: FollowedLogs): Promise<void> {
  const read = reader(heard);
  let waiting: NodeJS.Timeout | undefined;
  // With a buffer of its own nothing is read while it waits; a paused stream would go on reading, line by line.
  const callback = (length: number, buffer: Uint8Array): boolean => {
    if (!read(Buffer.from(buffer.subarray(0, length)))) socket.destroy();
    waiting = setTimeout(() => socket.resume(), length < FULL_BYTES ? everyMs : everyMs / 10);
    return false;
  };
  const socket = connect({ path: socketPath, signal, onread: { buffer: Buffer.alloc(READ_BYTES), callback } });
  socket.write(`GET /containers/${id}/logs?follow=1&stdout=1&tail=0 HTTP/1.0\r\nHost: docker${HEAD_END}`);
  return new Promise((resolve) => {
    // The close that follows is what counts.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(waiting);
      resolve();
    });
  });
}

/** Takes an answer in pieces; false for one that is no log, or none that can be understood. */
function reader(heard: (line: string) => void): (bytes: Buffer) => boolean {
  let isLog = false;
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    if (!isLog) {
      const end = held.indexOf(HEAD_END);
      if (end === -1) return held.length < MAX_HEAD;
      if (!/^HTTP\/1\.[01] 200 /.test(held.toString("latin1", 0, end))) return false;
      isLog = true;
      held = held.subarray(end + HEAD_END.length);
    }
    const rest = takeFrames(held, heard);
    held = rest ?? Buffer.alloc(0);
    return rest !== undefined;
  };
}

/** Gives each whole line, and what is left; undefined for what is not in Docker's frames. */
function takeFrames(bytes: Buffer, heard: (line: string) => void): Buffer | undefined {
  let at = 0;
  while (bytes.length - at >= FRAME_BYTES) {
    const size = bytes.readUInt32BE(at + 4);
    if (size > MAX_LINE) return undefined;
    const end = at + FRAME_BYTES + size;
    if (end > bytes.length) break;
    heard(bytes.toString("utf8", at + FRAME_BYTES, end));
    at = end;
  }
  return bytes.subarray(at);
}
