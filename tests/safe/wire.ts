import { connect, type NetConnectOpts } from "node:net";

/** Sends bytes as they are, whole, and gives what came back until the other end closed or `ms` went by. */
export function exchange(where: NetConnectOpts, bytes: string | Uint8Array, ms = 5_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(where);
    let text = "";
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    // A reset is an answer as well: what was sent was not worth another.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write(bytes);
  });
}

/** The status of an answer; undefined where none came. */
export function statusOf(answer: string): number | undefined {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
  return status === undefined ? undefined : Number(status);
}

export const request = (line: string, headers: readonly string[] = ["Host: localhost"]): string =>
  [line, ...headers, "Connection: close", "", ""].join("\r\n");
