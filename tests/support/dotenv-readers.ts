import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { BASE64_SUFFIX, encodeLine, type Reader } from "../../node-agent/src/core/config/dotenv.ts";
import type { SecretValue } from "./secret-values.ts";

const run = promisify(execFile);

export interface Tally {
  values: number;
  changed: number;
  refused: number;
  refusedAscii: number;
  /** Values of the `node` reader that only base64 carries. */
  base64: number;
  /** Class and reason of each refusal and change, counted. */
  reasons: Map<string, number>;
}

export const newTally = (): Tally => ({
  values: 0,
  changed: 0,
  refused: 0,
  refusedAscii: 0,
  base64: 0,
  reasons: new Map(),
});

/** The round trip of many values, `chunk` to a file. */
export async function tallied(reader: Reader, values: readonly SecretValue[], chunk: number): Promise<Tally> {
  const tally = newTally();
  for (let at = 0; at < values.length; at += chunk) await roundTrip(reader, values.slice(at, at + chunk), tally);
  return tally;
}

/** Writes values for a reader, reads them back with its own parser, and counts what differs. */
export async function roundTrip(reader: Reader, values: readonly SecretValue[], tally: Tally): Promise<void> {
  const lines: string[] = ["# greenleaf"];
  const accepted = new Map<string, SecretValue>();
  values.forEach((secret, index) => {
    const key = `KEY_${index}`;
    const spelled = encodeLine(reader, key, secret.value);
    tally.values += 1;
    if (spelled.ok) {
      accepted.set(key, secret);
      lines.push(spelled.line);
    } else refuse(tally, secret, spelled.why);
  });
  const read = await READERS[reader](`${lines.join("\n")}\n`);
  if (Object.keys(read).length !== accepted.size) count(tally, "keys gained or lost");
  for (const [key, secret] of accepted) {
    if (readBack(read, key, tally) !== secret.value) {
      tally.changed += 1;
      count(tally, `changed: ${secret.className}`);
    }
  }
}

function readBack(read: Readonly<Record<string, string | undefined>>, key: string, tally: Tally): string | undefined {
  const encoded = read[`${key}${BASE64_SUFFIX}`];
  if (encoded === undefined) return read[key];
  tally.base64 += 1;
  return Buffer.from(encoded, "base64").toString();
}

function refuse(tally: Tally, secret: SecretValue, why: string): void {
  tally.refused += 1;
  if (secret.ascii) tally.refusedAscii += 1;
  count(tally, `refused: ${secret.className}: ${why}`);
}

const count = (tally: Tally, reason: string): void =>
  void tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);

const READERS: Readonly<Record<Reader, (text: string) => Promise<Readonly<Record<string, string | undefined>>>>> = {
  node: async (text) => parseEnv(text),
  compose: readWithCompose,
};

/** What a service gets from an env_file, told by the real `docker compose config`. */
export async function readWithCompose(text: string): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-dotenv-"));
  try {
    await writeFile(join(folder, "a.env"), text);
    await writeFile(
      join(folder, "compose.yml"),
      "name: greenleaf-dotenv\nservices: {a: {image: a, env_file: [a.env]}}\n",
    );
    const argv = ["compose", "--file", join(folder, "compose.yml"), "config", "--format", "json"];
    const { stdout } = await run("docker", argv, { maxBuffer: 2 ** 30 });
    const { services } = JSON.parse(stdout) as { services: { a: { environment?: Record<string, string> } } };
    // config prints what may be read again as a Compose file, so a $ is doubled.
    const entries = Object.entries(services.a.environment ?? {});
    return Object.fromEntries(entries.map(([key, value]) => [key, value.replaceAll("$$", "$")]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The version of `docker compose`, or undefined where it is not installed. */
export async function composeVersion(): Promise<string | undefined> {
  return run("docker", ["compose", "version", "--short"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
