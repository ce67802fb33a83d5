import { request } from "node:http";
import { createInterface } from "node:readline";
import type { EngineEvent } from "./engine-socket.ts";

/** What may call for a repair; checks of health and what runs inside a container say nothing here. */
const ACTIONS = ["die", "oom", "pause", "destroy", "update", "start", "unpause"];

export interface Following {
  readonly project: string;
  readonly heard: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

/** Reads the engine's stream of events to its end; that there is none, or no more, is the same: who asks looks anyway. */
export function followEvents(socketPath: string, { project, heard, signal }: Following): Promise<void> {
  const label = [`com.docker.compose.project=${project}`];
  const filters = encodeURIComponent(JSON.stringify({ type: ["container"], label, event: ACTIONS }));
  return new Promise((resolve) => {
    const sent = request({ socketPath, host: "docker", path: `/events?filters=${filters}`, signal }, (answer) => {
      const lines = createInterface({ input: answer });
      lines.on("line", (line) => {
        const event = eventOf(line);
        if (event !== undefined) heard(event);
      });
      answer.on("error", () => resolve()).on("close", () => resolve());
    });
    sent.on("error", () => resolve()).end();
  });
}

function eventOf(line: string): EngineEvent | undefined {
  try {
    const { Action, Actor } = JSON.parse(line) as { Action?: string; Actor?: { Attributes?: Record<string, string> } };
    const service = Actor?.Attributes?.["com.docker.compose.service"];
    return Action === undefined || service === undefined ? undefined : { action: Action, service };
  } catch {
    // Cut short by an engine that ends.
    return undefined;
  }
}
