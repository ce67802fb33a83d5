import { text } from "node:stream/consumers";
import { dockerEngine } from "../../node-agent/src/adapters/docker/docker.ts";
import { applyStack } from "../../node-agent/src/phases/stack/stack.ts";
import { realWorld } from "../../node-agent/src/world.ts";

// Applies the Compose file on stdin through the engine socket of the first argument; killed by its test.
const compose = await text(process.stdin);
await applyStack(
  {
    world: { ...realWorld({ root: "/" }), engine: dockerEngine(process.argv[2] ?? "") },
    mode: "apply",
    redact: (line) => line,
    progress: () => undefined,
    tell: () => undefined,
    healthyWithinMs: 5_000,
  },
  { file: "/nowhere/docker-compose.yml", text: compose, project: "gl", variables: () => undefined },
);
