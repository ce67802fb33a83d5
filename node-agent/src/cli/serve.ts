import { NODE_PATH, residentNode } from "../core/resident-node.ts";
import { EXIT, UsageError } from "../errors.ts";
import type { Command, Invocation } from "./command.ts";

export const DEFAULT_PORT = 9090;

export const serve: Command = {
  name: "serve",
  summary: "stays on the node: answers for its health, drains it before it ends",
  examples: ["greenleaf-agent serve", "greenleaf-agent serve --port 0   # only the socket for Caddy"],
  options: {
    port: { type: "string", value: "PORT", summary: `on 127.0.0.1; default ${DEFAULT_PORT}, 0 for none` },
  },
  run: async ({ world, log, options }) => {
    const port = portIn(options);
    const node = residentNode(await world.files.read(NODE_PATH), NODE_PATH);
    const { stay } = await import("../resident/resident.ts");
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    log.emit({ kind: "notice", message: `serve     ${port === 0 ? "on the socket" : `http://127.0.0.1:${port}`}` });
    await stay(world, { node, port, signal: stop.signal });
    return EXIT.ready;
  },
};

export function portIn(options: Invocation["options"]): number {
  const given = options.port ?? String(DEFAULT_PORT);
  const port = Number(given);
  if (typeof given === "string" && /^\d{1,5}$/.test(given) && port <= 65_535) return port;
  throw new UsageError(`--port ${given} is no port`, { why: "it is a number from 0 to 65535", fix: "leave it out" });
}
