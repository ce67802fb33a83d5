import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Server } from "./environment.ts";
import { redisTls } from "./tls.ts";

/** Asks one server whether it answers; rejects when it does not. */
export type Question = () => Promise<unknown>;

/** What `/readyz` says: which server answered. */
export type Readiness = { ready: boolean; checks: Record<string, "ok" | "no answer"> };

const limitMs = 1_000;

/** Asks all `questions` side by side; a server that has not answered within one second counts as gone. */
export async function readinessOf(questions: Readonly<Record<string, Question>>): Promise<Readiness> {
  const names = Object.keys(questions);
  const answers = await Promise.all(Object.values(questions).map(answeredInTime));
  return {
    ready: answers.every(Boolean),
    checks: Object.fromEntries(names.map((name, at) => [name, answers[at] ? "ok" : "no answer"])),
  };
}

async function answeredInTime(question: Question): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([
      question().then(
        () => true,
        () => false,
      ),
      sleep(limitMs, false, { signal: late.signal }),
    ]);
  } finally {
    late.abort();
  }
}

/**
 * Valkey, asked over a connection of its own that is opened now: one opened by the first question would make that one
 * fail. It reconnects for ever and never queues, so that the answer is always about this moment.
 */
export function valkeyQuestion(redis: Server): Question {
  const client = new Redis(redis.url, {
    tls: redisTls(redis),
    connectionName: "greenleaf-readyz",
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: limitMs,
    commandTimeout: limitMs,
    retryStrategy: () => 200,
  });
  // The next question reports what is wrong; an error event without a listener would end the process.
  client.on("error", () => undefined);
  return () => client.ping();
}

/**
 * Answers `GET /readyz` in front of Medusa, in every worker mode (Medusa serves no routes at all in a worker), without
 * its sessions, CORS rules and access log. No credentials are asked for and none are shown.
 */
export function answerReadyz(server: HttpServer, questions: Readonly<Record<string, Question>>): void {
  const [medusa, ...others] = server.listeners("request") as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (request.url !== "/readyz") return medusa?.(request, response);
    void readinessOf(questions).then((readiness) => {
      response.writeHead(readiness.ready ? 200 : 503, {
        "content-type": "application/json",
        "cache-control": "no-store",
      });
      response.end(`${JSON.stringify(readiness)}\n`);
    });
  });
  for (const other of others) server.on("request", other);
}
