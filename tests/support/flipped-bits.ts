import { generateKeyPairSync } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSignedBy, signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { EXIT, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { LIST, SIGNATURE } from "../../node-agent/src/core/install/agent-archive.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { verifyArchive } from "../../node-agent/src/phases/install/agent.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { buildArchive } from "../../scripts/agent-archive/build-archive.ts";

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

interface Bit {
  readonly name: string;
  readonly bit: number;
}

export interface Flips {
  readonly tried: number;
  /** Files and bits whose change nobody noticed. */
  readonly accepted: readonly string[];
}

/**
 * Flips bits of a release's document and of the agent's list, signature and archive, one at a time: every `nth` of the small
 * ones, and of the archive as many as make `count` of `nth` 1. The same bits in every run.
 */
export async function flipBits(count: number, nth: number): Promise<Flips> {
  const work = mkdtempSync(join(tmpdir(), "greenleaf-flips-"));
  try {
    await buildArchive(join(work, "archive"), { key: privateKey });
    writeFileSync(join(work, "release.pub"), publicKey);
    const document = Buffer.from(JSON.stringify(release));
    const ofRelease = bitsOf(document.length);
    const sizeOf = (name: string) => statSync(join(work, "archive", name)).size;
    const small = [LIST, SIGNATURE].flatMap((name) => bitsOf(sizeOf(name)).map((bit) => ({ name, bit })));
    const left = count - ofRelease.length - small.length;
    if (left < 500) throw new Error(`${count} flips leave ${left} for the archive`);
    const isTried = (_: unknown, index: number) => index % nth === 0;
    const releaseBits = ofRelease.filter(isTried);
    const archiveBits = [...small, ...spread(left, sizeOf(TAR) * 8)].filter(isTried);
    const accepted = releaseBits.filter((bit) => isTaken(flipped(document, bit))).map((bit) => `release bit ${bit}`);
    for (const bit of archiveBits) if (await isAccepted(work, bit)) accepted.push(`${bit.name} bit ${bit.bit}`);
    if (!isTaken(document)) throw new Error("a release without a flipped bit is refused");
    return { tried: releaseBits.length + archiveBits.length, accepted };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const bitsOf = (bytes: number) => Array.from({ length: bytes * 8 }, (_, bit) => bit);

const spread = (count: number, bits: number): readonly Bit[] =>
  Array.from({ length: count }, (_, index) => ({ name: TAR, bit: Math.floor(((index * 0.618_033_988_7) % 1) * bits) }));

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}

const isTaken = (bytes: Uint8Array): boolean => {
  try {
    return isSignedBy(parseRelease(Buffer.from(bytes).toString("utf8"), "test"), { keys: publicKey, revoked: "" });
  } catch {
    return false;
  }
};

async function isAccepted(work: string, { name, bit }: Bit): Promise<boolean> {
  const file = openSync(join(work, "archive", name), "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, bit >> 3);
  try {
    writeSync(file, flipped(byte, bit & 7), 0, 1, bit >> 3);
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
