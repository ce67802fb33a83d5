import type { Server } from "node:http";
import { container } from "@medusajs/framework";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import start from "@medusajs/medusa/commands/start";
import type { Question } from "./readiness.ts";

const limitMs = 1_000;

/** Starts Medusa in this process; the server returned is about to listen on `port`. */
export async function listen(directory: string, port: number): Promise<Server> {
  const running = await start({ directory, port });
  if (!running) throw new Error("Medusa returned no server");
  return running.server as unknown as Server;
}

/** PostgreSQL, asked through Medusa's own pool; knex discards a connection that did not answer in time. */
export function databaseQuestion(): Question {
  const connection = container.resolve(ContainerRegistrationKeys.PG_CONNECTION);
  return async () => connection.raw("select 1").timeout(limitMs);
}
