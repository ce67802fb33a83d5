import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { verifyArchive } from "../../node-agent/src/phases/install/agent.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { buildArchive } from "../../scripts/agent-archive/build-archive.ts";
import { ownArchitecture } from "../../scripts/agent-archive/catalogue.ts";
import { flipBits } from "../support/flipped-bits.ts";

/** Issue 5: milliseconds to verify the agent's archive, and its size. */
const VERIFY_MS = 50;
const ARCHIVE_BYTES = 2_000_000;
const ROUNDS = 15;
const FLIPS = 10_000;

const base = mkdtempSync(join(tmpdir(), "greenleaf-bench-"));
const { publicKey, privateKey } = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const world = realWorld({ root: base });
const key = join(base, "release.pub");
const missed: string[] = [];

try {
  writeFileSync(key, publicKey);
  print(`load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
  const agent = join(base, "agent");
  await buildArchive(agent, { key: privateKey });
  const bytes = readdirSync(agent).reduce((sum, name) => sum + statSync(join(agent, name)).size, 0);
  row("archive without Node", `${(bytes / 1e6).toFixed(2)} MB`, `<= ${ARCHIVE_BYTES / 1e6} MB`, bytes <= ARCHIVE_BYTES);
  const alone = await verifyMs(agent);
  row("verify it", `${alone.toFixed(1)} ms`, `<= ${VERIFY_MS} ms`, alone <= VERIFY_MS);
  const { tried, accepted } = await flipBits(FLIPS, 1);
  const refused = tried - accepted.length;
  row("flipped bits refused", `${refused} of ${tried}`, `${FLIPS} of ${FLIPS}`, refused === FLIPS);
  const whole = join(base, "whole");
  await buildArchive(whole, { key: privateKey, architecture: ownArchitecture() });
  print(`verify it with Node and Compose, ${megabytes(whole)} MB: ${(await verifyMs(whole)).toFixed(1)} ms`);
} finally {
  rmSync(base, { recursive: true, force: true });
}
process.exitCode = missed.length === 0 ? 0 : 1;

/** Median milliseconds of a whole verification, from files. */
async function verifyMs(from: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await verifyArchive(world, { from, key });
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? Infinity;
}

function row(what: string, found: string, wanted: string, met: boolean): void {
  if (!met) missed.push(what);
  print(`${met ? "ok  " : "MISS"} ${what.padEnd(24)} ${found.padEnd(20)} ${wanted}`);
}

function megabytes(folder: string): string {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return (bytes / 1e6).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
