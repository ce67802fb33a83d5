import type { Server } from "node:http";
import start from "@medusajs/medusa/commands/start";

/** Starts Medusa in this process; the server returned is about to listen on `port`. */
export async function listen(directory: string, port: number): Promise<Server> {
  const running = await start({ directory, port });
  if (!running) throw new Error("Medusa returned no server");
  return running.server as unknown as Server;
}
