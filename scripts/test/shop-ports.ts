import { once } from "node:events";
import { createServer, type Server } from "node:net";

const FIRST = 18_080;
const LAST = 19_080;
/** A world takes five ports in a row; the sixth is held while it runs, so that a run beside this one takes others. */
const BLOCK = 6;

export interface ShopPorts {
  readonly http: string;
  readonly release: () => void;
}

/** The first free block of ports for a world of its own. */
export async function claimPorts(): Promise<ShopPorts> {
  for (let http = FIRST; http < LAST; http += BLOCK) {
    const claim = await listening(http + BLOCK - 1, "127.0.0.1");
    if (!claim) continue;
    const free = await Promise.all(Array.from({ length: BLOCK - 1 }, (_, index) => isFree(http + index)));
    if (free.every(Boolean)) return { http: String(http), release: () => void claim.close() };
    claim.close();
  }
  throw new Error(`no five free ports in a row from ${FIRST} to ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening(port);
  server?.close();
  return server !== undefined;
}

async function listening(port: number, host?: string): Promise<Server | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}
