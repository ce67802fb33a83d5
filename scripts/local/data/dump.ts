import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../../../node-agent/src/base/errors.ts";

/** How a file of `pg_dump --format=custom` begins. */
const MAGIC = "PGDMP";
/** Tables that every Medusa 2 has; of the first version it has other names and no list of migrations. */
const TABLES = ["store", "product", "api_key", "sales_channel", "mikro_orm_migrations"];

/** Refuses a file that is no such dump, before anything is made. */
export async function checkDump(path: string): Promise<void> {
  const head = await headOf(path).catch((error: Error) => error);
  if (head instanceof Error) throw badDump(path, `it cannot be read: ${head.message}`);
  if (head !== MAGIC) throw badDump(path, "it does not begin as a dump of PostgreSQL in the custom format does");
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What `pg_restore --list` tells must name the tables of a shop. */
export function checkContents(path: string, list: string): void {
  const missing = TABLES.filter((table) => !new RegExp(` TABLE DATA public ${table} `).test(list));
  if (missing.length > 0) throw badDump(path, `it holds no data of the tables ${missing.join(", ")}`);
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

export const badDump = (path: string, why: string): UsageError =>
  new UsageError(`--data ${path} is no dump of a Medusa 2 database`, {
    code: "data.dump",
    why,
    fix: 'make it with pg_dump --format=custom --no-owner --no-privileges --file=my-shop.dump "$DATABASE_URL"',
  });
