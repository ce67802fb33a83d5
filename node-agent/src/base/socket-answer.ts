import { connect } from "node:net";
import { MAX_BYTES, readBounded } from "./bounded-body.ts";

export interface SocketQuestion {
  /** Of a unix socket with an HTTP server behind it. */
  readonly socketPath: string;
  readonly path: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
}

/**
 * The answer to one GET, asked for without node:http: loading it takes more than everything else that a command does
 * which only asks. HTTP/1.0 ends an answer with its connection, in one piece. Rejects when none came in time.
 */
export async function askSocket({ socketPath, path, timeoutMs }: SocketQuestion) {
  const socket = connect(socketPath);
  const timer = setTimeout(() => socket.destroy(new Error(`no answer for ${timeoutMs} ms`)), timeoutMs);
  try {
    socket.write(`GET ${path} HTTP/1.0\r\nHost: agent\r\n\r\n`);
    return answerIn((await readBounded(socket, MAX_BYTES.api)).toString());
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function answerIn(text: string): { status: number; body: string } {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(head) ?? [];
  if (status === undefined || rest.length === 0) throw new Error("no answer of HTTP");
  return { status: Number(status), body: rest.join("\r\n\r\n") };
}
