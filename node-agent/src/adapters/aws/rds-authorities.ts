import { readFile } from "node:fs/promises";
import { absentAs } from "../../base/durable.ts";

/** Beside the bundle; scripts/build-agent.ts puts it there. */
const FILE = new URL("./rds-ca.pem", import.meta.url);

/** The public CA certificates of Amazon RDS (PEM); undefined where the agent runs from its sources. */
export const rdsAuthorities = (): Promise<string | undefined> => absentAs(undefined, () => readFile(FILE, "utf8"));
