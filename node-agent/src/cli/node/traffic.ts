import { createInterface } from "node:readline";
import { EXIT } from "../../base/errors.ts";
import { STATUS_PATH } from "../../base/paths.ts";
import { parseStatus } from "../../core/node/status/status.ts";
import { TrafficCount } from "../../core/node/traffic.ts";
import type { Command } from "../command.ts";

/** One line of JSON, for who watches a node from outside: Run Command hands on 24,000 characters at most. */
export const trafficCommand: Command = {
  name: "traffic",
  summary: "count what Caddy's log on standard input says: requests, errors and the 99th percentile, as JSON",
  examples: ["docker logs --since 5m greenleaf-caddy-1 2>/dev/null | greenleaf-agent traffic"],
  run: async ({ world, print }) => {
    const count = new TrafficCount();
    for await (const line of createInterface({ input: process.stdin })) count.add(line);
    const boot = parseStatus(await world.files.read(STATUS_PATH));
    const node = boot === undefined ? {} : { verdict: boot.verdict, release: boot.release };
    print(JSON.stringify({ ...node, ...count.total() }));
    return EXIT.ready;
  },
};
