import { EXIT, UsageError } from "../../base/errors.ts";
import { NODE_DOCUMENT_PATH } from "../../base/paths.ts";
import { isText, listOf, mapOf, optional, parsed, shape } from "../../base/shape.ts";
import { readDaemonNode } from "../../core/node/daemon-node.ts";
import type { RepairReport, RunRepair } from "../../daemon/app/repairs.ts";
import type { World } from "../../world.ts";
import type { Command, Invocation } from "../command.ts";

export const DEFAULT_PORT = 9090;

export const serve: Command = {
  name: "serve",
  summary: "run the node daemon: answers for its health, drains it before it ends",
  examples: ["greenleaf-agent serve", "greenleaf-agent serve --port 0   # only the socket for Caddy"],
  options: {
    port: { type: "string", value: "PORT", summary: `on 127.0.0.1; default ${DEFAULT_PORT}, 0 for none` },
  },
  run: async ({ world, log, options }) => {
    const port = portIn(options);
    const node = readDaemonNode(await world.files.read(NODE_DOCUMENT_PATH), NODE_DOCUMENT_PATH);
    const { runDaemon } = await import("../../daemon/daemon.ts");
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    const tell = (text: string) => log.emit({ kind: "notice", message: `serve     ${text}` });
    tell(port === 0 ? "on the socket" : `http://127.0.0.1:${port}`);
    const again = {
      repair: repairByProcess(world, stop.signal),
      boot: bootByProcess(world),
      values: bootByProcess(world, "--values"),
    };
    await runDaemon(world, { node, port, signal: stop.signal, tell, again });
    return EXIT.ready;
  },
};

/** The longest a plan of starts may take: each waits for what its service depends on. */
const REPAIR_MS = 600_000;

/** Runs this very program again, as `repair`. */
function repairByProcess({ exec, files }: World, signal: AbortSignal): RunRepair {
  return async (services) => {
    if (signal.aborted) return undefined;
    const argv = [...thisProgram(), "repair", ...services, "--json", "--root", files.path("/")] as const;
    const { code, stdout, stderr } = await exec(argv, { timeoutMs: REPAIR_MS, accept: ALL_CODES });
    const report = parsed(stdout, isReport) as RepairReport | undefined;
    if (report !== undefined) return report;
    // Another boot or deploy holds the lock: it does what is to be done.
    if (code === EXIT.temporary) return undefined;
    return { operations: [], lines: {}, error: stderr.trim().split("\n").slice(0, 2).join(" | ") };
  };
}

/** The longest a boot may take, as its unit says. */
const BOOT_MS = 900_000;

/** Its verdict is in the status; an agent that ends has systemd end the boot with it, and the next takes it up. */
function bootByProcess({ exec, files }: World, ...options: string[]): () => Promise<void> {
  return async () => {
    await exec([...thisProgram(), "boot", ...options, "--root", files.path("/")], {
      timeoutMs: BOOT_MS,
      accept: ALL_CODES,
    });
  };
}

function thisProgram(): [string, ...string[]] {
  const [, program = ""] = process.argv;
  return [process.execPath, ...process.execArgv, program];
}

const ALL_CODES = Object.values(EXIT).filter((code) => typeof code === "number");

const isReport = shape({
  operations: listOf(shape({ name: isText, why: isText })),
  lines: mapOf(isText),
  error: optional(isText),
});

export function portIn(options: Invocation["options"]): number {
  const given = options.port ?? String(DEFAULT_PORT);
  const port = Number(given);
  if (typeof given === "string" && /^\d{1,5}$/.test(given) && port <= 65_535) return port;
  throw new UsageError(`--port ${given} is no port`, {
    code: "usage.port",
    why: "it is a number from 0 to 65535",
    fix: "leave it out",
  });
}
