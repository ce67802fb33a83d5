import { spawnSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { planAgent } from "../../node-agent/src/core/install/agent.ts";
import { executeAgent, observeAgent, verifyArchive } from "../../node-agent/src/phases/install/agent.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { buildArchive, signFolder } from "../../scripts/agent-archive/build-archive.ts";

const newPair = () =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const pair = newPair();
const stranger = newPair();

let work: string;
let from: string;
let key: string;
let root: string;
const world = () => realWorld({ root });
const TAR = `greenleaf-agent-${AGENT_VERSION}.tar.gz`;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "greenleaf-archive-"));
  from = join(work, "archive");
  root = join(work, "root");
  key = join(work, "release.pub");
  writeFileSync(key, pair.publicKey);
  await buildArchive(from, { key: pair.privateKey });
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

test("the same sources give the same bytes, signature included", async () => {
  const again = join(work, "again");
  await buildArchive(again, { key: pair.privateKey });
  expect(readdirSync(again)).toEqual(["SHA256SUMS", "SHA256SUMS.sig", TAR]);
  for (const name of readdirSync(again))
    expect(readFileSync(join(again, name)).equals(readFileSync(join(from, name)))).toBe(true);
});

test("without Node the archive has at most 2 MB", () => {
  expect(statSync(join(from, TAR)).size).toBeLessThanOrEqual(2_000_000);
});

test("it holds the CA certificates of Amazon RDS, of every region", async () => {
  const tar = spawnSync("tar", ["-xzOf", join(from, TAR), "rds-ca.pem"], { encoding: "utf8", maxBuffer: 1 << 22 });
  const certificates = tar.stdout.match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g) ?? [];
  const subjects = certificates.map((pem) => new X509Certificate(pem).subject);
  for (const region of ["eu-west-3", "us-east-1", "ap-southeast-2"])
    expect(subjects.filter((subject) => subject.includes(`Amazon RDS ${region} Root CA RSA2048 G1`))).toHaveLength(1);
});

test("an archive that nobody touched is accepted", async () => {
  expect(await verifyArchive(world(), { from, key })).toMatchObject({ version: AGENT_VERSION });
});

test.each<[string, () => void | Promise<void>, RegExp]>([
  ["somebody else's signature", () => signFolder(from, stranger.privateKey), /was not made with the key/],
  ["no signature", () => rmSync(join(from, "SHA256SUMS.sig")), /SHA256SUMS\.sig is not there/],
  ["an empty signature", () => writeFileSync(join(from, "SHA256SUMS.sig"), ""), /was not made with the key/],
  ["no agent file", () => rmSync(join(from, TAR)), /not those that were signed/],
  ["a list of nothing, well signed", () => signNothing(), /does not name one agent/],
])("%s is refused by name", async (_what, spoil, why) => {
  const kept = new Map(readdirSync(from).map((name) => [name, readFileSync(join(from, name))]));
  await spoil();
  const error = await verifyArchive(world(), { from, key }).catch((thrown: unknown) => thrown);
  for (const [name, bytes] of kept) writeFileSync(join(from, name), bytes);
  expect(error).toMatchObject({ exitCode: 78, message: expect.stringContaining("is refused") });
  expect((error as { why: string }).why).toMatch(why);
});

async function signNothing(): Promise<void> {
  rmSync(join(from, TAR));
  await signFolder(from, pair.privateKey);
}

test("an archive of either key is accepted while a key is rotated; then the old one is revoked", async () => {
  const both = join(work, "both.pub");
  const revoked = join(work, "revoking");
  writeFileSync(both, `${pair.publicKey}${stranger.publicKey}`);
  mkdirSync(join(revoked, "etc/greenleaf"), { recursive: true });
  const list = join(revoked, "etc/greenleaf/release.revoked");
  const verify = () => verifyArchive(realWorld({ root: revoked }), { from, key: both });
  writeFileSync(list, "");
  await verify();
  await signFolder(from, stranger.privateKey);
  await verify();
  const { stdout } = spawnSync("sh", ["-c", 'openssl pkey -pubin -in "$1" -outform DER | sha256sum', "sh", key]);
  writeFileSync(list, `${stdout.toString().slice(0, 64)}\n`);
  await verify();
  await signFolder(from, pair.privateKey);
  await expect(verify()).rejects.toMatchObject({ exitCode: 78, why: expect.stringContaining("revokes") });
});

test("a key that is none, and none at all, are told apart", async () => {
  const wrong = join(work, "wrong.pub");
  writeFileSync(wrong, "hello\n");
  await expect(verifyArchive(world(), { from, key: wrong })).rejects.toMatchObject({
    why: expect.stringContaining("is no Ed25519 public key"),
  });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  writeFileSync(wrong, createPublicKey(rsa).export({ type: "spki", format: "pem" }));
  await expect(verifyArchive(world(), { from, key: wrong })).rejects.toMatchObject({
    why: expect.stringContaining("an Ed25519 key is needed, not rsa"),
  });
  await expect(verifyArchive(world(), { from, key: join(work, "absent") })).rejects.toMatchObject({
    why: expect.stringContaining("there is no key"),
  });
});

test("an agent is placed whole, and the link names it only in the last step", async () => {
  const facts = await observeAgent(world(), { from, key });
  const { place, switchTo } = planAgent(facts);
  for (const operation of place) await executeAgent(world(), operation, "/plugins");
  expect(readdirSync(join(root, "opt/greenleaf"))).toEqual([AGENT_VERSION]);
  for (const operation of switchTo) await executeAgent(world(), operation, "/plugins");
  expect(readdirSync(join(root, "opt/greenleaf"))).toEqual([AGENT_VERSION, "current"]);
  expect(readFileSync(join(root, "opt/greenleaf/current/ORIGIN"), "utf8").trim()).toBe(facts.archive.agent.sha256);
  expect(statSync(join(root, "opt/greenleaf/current/main.js")).mode & 0o777).toBe(0o755);
  // This archive brings no Node: the one that installs is taken.
  expect(readlinkSync(join(root, "opt/greenleaf/current/node"))).toBe(process.execPath);
  expect(planAgent(await observeAgent(world(), { from, key }))).toEqual({ place: [], switchTo: [] });
});

test("a signed archive that is no tar places nothing", async () => {
  const folder = join(work, "no-tar");
  await buildArchive(folder, { key: pair.privateKey });
  writeFileSync(join(folder, TAR), gzipSync("not a tar archive ".repeat(40)));
  await signFolder(folder, pair.privateKey);
  root = join(work, "other-root");
  const { place } = planAgent(await observeAgent(world(), { from: folder, key }));
  await expect(executeAgent(world(), place[0]!, "/plugins")).rejects.toMatchObject({ exitCode: 78 });
  expect(await world().files.list("/opt/greenleaf")).toEqual([]);
});
