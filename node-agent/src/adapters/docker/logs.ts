import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { demultiplexer } from "./stream.ts";

/** What a person reads of a few lines; a program can print a line without an end. */
const MAX_READ_BYTES = 1024 * 1024;
const MAX_SHOWN = 64 * 1024;

/** The last lines of both streams, oldest first; of a very long text its end. */
export async function lastLines(docker: Docker, id: string, lines: number): Promise<string> {
  const { Config } = await docker.getContainer(id).inspect();
  const stream = await openLogs(docker, id, lines);
  const parts: Buffer[] = [];
  const take = Config.Tty
    ? (bytes: Buffer) => void parts.push(bytes)
    : demultiplexer((_stream, part) => parts.push(part));
  let read = 0;
  for await (const piece of stream) {
    take(piece as Buffer);
    read += (piece as Buffer).length;
    if (read > MAX_READ_BYTES) break;
  }
  return Buffer.concat(parts).toString("utf8").slice(-MAX_SHOWN);
}

// dockerode's own `logs` collects the whole answer unless it is followed, and then it has no end.
function openLogs(docker: Docker, id: string, tail: number): Promise<Readable> {
  const asked = {
    path: `/containers/${id}/logs?`,
    method: "GET",
    isStream: true,
    statusCodes: { 200: true, 404: "no such container", 500: "server error" },
    options: { stdout: true, stderr: true, tail },
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(asked, (error, stream) => (error ? reject(error as Error) : resolve(stream as Readable)));
  });
}
