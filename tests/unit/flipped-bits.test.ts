import { generateKeyPairSync } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isSignedBy, signRelease } from "../../node-agent/src/adapters/release-signature.ts";
import { LIST, SIGNATURE } from "../../node-agent/src/core/agent-archive.ts";
import { parseRelease } from "../../node-agent/src/core/release.ts";
import { AGENT_VERSION } from "../../node-agent/src/core/version.ts";
import { EXIT, exitCodeOf } from "../../node-agent/src/errors.ts";
import { verifyArchive } from "../../node-agent/src/phases/install-agent.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { buildArchive } from "../../scripts/agent-archive/build-archive.ts";

/** Of all files together; the small ones are tried bit by bit, the archive gets what is left. */
const FLIPS = 10_000;
const WITHIN_MS = 120_000;
const TAR = `greenleaf-agent-${AGENT_VERSION}.tar.gz`;
const { publicKey, privateKey } = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const DIGEST = "0123456789abcdef".repeat(4);
const ECR = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/greenleaf";
const release = signRelease(
  {
    id: "2026-01-01-0123456789ab",
    created: "2026-01-01T00:00:00Z",
    images: { backend: `${ECR}/backend@sha256:${DIGEST}`, caddy: `${ECR}/caddy@sha256:${DIGEST}` },
    stack: { uri: `s3://greenleaf-artifacts/stack/${DIGEST}.tar.gz`, sha256: DIGEST },
    migrations: DIGEST,
  },
  privateKey,
);

const world = realWorld({ root: "/" });
let work: string;
const at = (name: string) => join(work, "archive", name);
const bitsOf = (bytes: number) => Array.from({ length: bytes * 8 }, (_, bit) => bit);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "greenleaf-flips-"));
  await buildArchive(join(work, "archive"), { key: privateKey });
  writeFileSync(join(work, "release.pub"), publicKey);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const isTaken = (bytes: Uint8Array): boolean => {
  try {
    return isSignedBy(parseRelease(Buffer.from(bytes).toString("utf8"), "test"), publicKey);
  } catch {
    return false;
  }
};

test(
  `${FLIPS} of ${FLIPS} flipped bits are refused: of a release's document, of the agent's list, signature and archive`,
  async () => {
    const document = Buffer.from(JSON.stringify(release));
    expect(isTaken(document)).toBe(true);
    const accepted: string[] = [];
    for (const bit of bitsOf(document.length)) {
      document[bit >> 3]! ^= 1 << (bit & 7);
      if (isTaken(document)) accepted.push(`release bit ${bit}`);
      document[bit >> 3]! ^= 1 << (bit & 7);
    }
    const small = [LIST, SIGNATURE].flatMap((name) => bitsOf(statSync(at(name)).size).map((bit) => ({ name, bit })));
    const left = FLIPS - document.length * 8 - small.length;
    expect(left).toBeGreaterThan(500);
    for (const { name, bit } of [...small, ...spread(left)])
      if (await isAccepted(name, bit)) accepted.push(`${name} bit ${bit}`);
    expect(accepted).toEqual([]);
  },
  WITHIN_MS,
);

// The same bits in every run, spread evenly over the file.
function spread(count: number): ReadonlyArray<{ name: string; bit: number }> {
  const bits = statSync(at(TAR)).size * 8;
  return Array.from({ length: count }, (_, index) => ({
    name: TAR,
    bit: Math.floor(((index * 0.618_033_988_7) % 1) * bits),
  }));
}

async function isAccepted(name: string, bit: number): Promise<boolean> {
  const file = openSync(at(name), "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, bit >> 3);
  try {
    writeSync(file, Buffer.of(byte[0]! ^ (1 << (bit & 7))), 0, 1, bit >> 3);
    await verifyArchive(world, { from: join(work, "archive"), key: join(work, "release.pub") });
    return true;
  } catch (error) {
    if (exitCodeOf(error) !== EXIT.configuration) throw error;
    return false;
  } finally {
    writeSync(file, byte, 0, 1, bit >> 3);
    closeSync(file);
  }
}
