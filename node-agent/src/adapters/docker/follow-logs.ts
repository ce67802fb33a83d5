import { request } from "node:http";
import { demultiplexer, lineSplitter } from "./stream.ts";

export interface FollowedLogs {
  readonly id: string;
  readonly heard: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two readings, and for how long one listens. */
  readonly times?: { readonly everyMs: number; readonly forMs: number };
}

/** The engine writes each line by itself: a process that read it at once would be woken hundreds of times a second. */
const TIMES = { everyMs: 2_000, forMs: 200 };

/** Hears what a container prints on stdout from now on, some seconds late, until it ends; that it cannot be heard is the same. */
export function followLogs(
  socketPath: string,
  { id, heard, signal, times: { everyMs, forMs } = TIMES }: FollowedLogs,
): Promise<void> {
  const path = `/containers/${id}/logs?follow=1&stdout=1&tail=0`;
  return new Promise((resolve) => {
    const sent = request({ socketPath, host: "docker", path, signal }, (answer) => {
      const lines = lineSplitter(heard);
      const take = demultiplexer((_stream, bytes) => lines.write(bytes));
      if (answer.statusCode === 200) answer.on("data", take);
      else answer.resume();
      const pausing = setInterval(() => {
        answer.resume();
        setTimeout(() => answer.pause(), forMs);
      }, everyMs);
      const ended = () => {
        clearInterval(pausing);
        resolve();
      };
      answer.on("error", ended).on("close", ended);
    });
    sent.on("error", () => resolve()).end();
  });
}
