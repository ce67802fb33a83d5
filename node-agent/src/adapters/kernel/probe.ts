import { connect } from "node:net";

export interface ProbeAnswer {
  readonly target: string;
  readonly ms: number;
  /** Undefined when an answer came back. */
  readonly error?: string;
}

/** Opens a TCP connection from one of the machine's own addresses: an answer of any kind proves the way there and back. */
export type Probe = (target: string, source: string, timeoutMs: number) => Promise<ProbeAnswer>;

export const probe: Probe = (target, source, timeoutMs) => {
  const [host = "", port = "0"] = target.split(":");
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), localAddress: source });
    const end = (error?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ target, ms: Math.round(performance.now() - start), ...(error === undefined ? {} : { error }) });
    };
    // After a stall of this process timers run first: what arrived meanwhile is looked at before the verdict.
    const timer = setTimeout(() => setImmediate(() => end(`no answer in ${timeoutMs} ms`)), timeoutMs);
    // Ended by a reset: after an orderly end the kernel keeps the flow for two minutes, with a port of the public address
    // that a client's flow then has to give way to, and many such flows are in the way when ends are told.
    socket.once("connect", () => {
      socket.resetAndDestroy();
      end();
    });
    // A refused connection is an answer of the target: the packet got there and its answer came back.
    socket.once("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ECONNREFUSED" ? undefined : error.message),
    );
  });
};
