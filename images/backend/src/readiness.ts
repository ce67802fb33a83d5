import type { Server as HttpServer } from "node:http";
import { Redis } from "ioredis";
import { Pool } from "pg";
import type { Server } from "./environment.ts";
import { putInFront } from "./http/in-front.ts";
import { GIVEN_UP_MS, isAnswered, type Question } from "./question.ts";
import { databaseTls, redisTls } from "./tls.ts";

/** What `/readyz` says: which server answered. */
export type Readiness = { ready: boolean; checks: Record<string, "ok" | "no answer"> };

/** Asks all `questions` side by side; a server that has not answered within one second counts as gone. */
export async function readinessOf(questions: Readonly<Record<string, Question>>): Promise<Readiness> {
  const names = Object.keys(questions);
  const answers = await Promise.all(Object.values(questions).map(isAnswered));
  return {
    ready: answers.every(Boolean),
    checks: Object.fromEntries(names.map((name, at) => [name, answers[at] ? "ok" : "no answer"])),
  };
}

/**
 * PostgreSQL, asked over one connection of its own: Medusa's may all be busy with a rush of orders, and that is no
 * absence. One that does not answer in time is thrown away.
 */
export function databaseQuestion(database: Server): Question {
  const pool = new Pool({
    connectionString: database.url,
    ssl: databaseTls(database),
    application_name: "greenleaf-readyz",
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: GIVEN_UP_MS,
    query_timeout: GIVEN_UP_MS,
  });
  // The next question reports what is wrong; an error event without a listener would end the process.
  pool.on("error", () => undefined);
  return () => pool.query("select 1");
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
    connectTimeout: GIVEN_UP_MS,
    commandTimeout: GIVEN_UP_MS,
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
  putInFront(server, (request, response, next) => {
    if (request.url !== "/readyz") return next();
    void readinessOf(questions).then((readiness) => {
      response.writeHead(readiness.ready ? 200 : 503, {
        "content-type": "application/json",
        "cache-control": "no-store",
      });
      response.end(`${JSON.stringify(readiness)}\n`);
    });
  });
}
