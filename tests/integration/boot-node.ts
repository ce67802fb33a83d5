import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import type { UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { type FakeAws, startFakeAws } from "../support/fake-aws.ts";
import { removeRoot } from "../support/remove-root.ts";
import { busyboxImage } from "./busybox-image.ts";
import { type FakePostgres, startFakePostgres } from "./fake-postgres.ts";

export const BOOT_PROJECT = `gl-boot-${process.pid}`;
export const DATABASE_PASSWORD = "canary'db\\pass $&1";
export const MIGRATIONS = "a".repeat(64);

/** A node below a folder of its own: fake AWS and PostgreSQL, busybox in place of the shop, a real engine. */
export interface BootNode {
  readonly root: string;
  readonly aws: FakeAws;
  readonly postgres: FakePostgres;
  /** Where the containers leave their marks. */
  readonly marks: string;
  /** Publishes a release of `files` in place of the stack's own, signed unless `sign` does something else. */
  publish(change?: Publication): void;
  close(): Promise<void>;
}

export interface Publication {
  id?: string;
  document?: Partial<UnsignedRelease>;
  /** Changes the folder before it is packed. */
  pack?: (folder: string) => void;
  /** Changes the signed document. */
  tamper?: (document: UnsignedRelease & { signature: string }) => object;
}

const STACK = join(import.meta.dirname, "boot-stack");

export async function bootNode(): Promise<BootNode> {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-boot-"));
  const marks = join(root, "marks");
  mkdirSync(marks);
  const ca = await ensureCertificates(join(root, "tls"), ["postgres"]);
  const [aws, postgres] = await Promise.all([startFakeAws(), startPostgres(root)]);
  const migrations = join(marks, "migrations");
  postgres.recorded = () => (existsSync(migrations) ? readFileSync(migrations, "utf8").split("\n") : undefined);
  fill(aws, ca);
  const keys = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
  writeFileSync(join(root, "etc/greenleaf/release.pub"), keys.publicKey);
  writeFileSync(join(root, "etc/greenleaf/node.json"), JSON.stringify(nodeDocument(root, { aws, postgres, marks })));
  const image = busyboxImage();
  const node = { root, aws, postgres, marks };
  return {
    ...node,
    publish: (change = {}) => publish(root, { ...change, image, key: keys.privateKey }),
    close: async () => {
      await Promise.all([aws.close(), postgres.close()]);
      removeRoot(root);
    },
  };
}

function startPostgres(root: string): Promise<FakePostgres> {
  const at = (name: string) => readFileSync(join(root, "tls/postgres", name), "utf8");
  return startFakePostgres({ key: at("server.key"), cert: at("server.crt"), password: DATABASE_PASSWORD });
}

function fill(aws: FakeAws, ca: string): void {
  aws.parameters.set("/greenleaf/test/db/host", { value: "postgres", type: "String" });
  aws.parameters.set("/greenleaf/test/db/ca", { value: ca, type: "String" });
  aws.secrets.set("greenleaf/test/db", JSON.stringify({ username: "medusa", password: DATABASE_PASSWORD }));
}

function nodeDocument(
  root: string,
  { aws, postgres, marks }: { aws: FakeAws; postgres: FakePostgres; marks: string },
): object {
  return {
    version: 1,
    project: BOOT_PROJECT,
    environment: "test",
    role: "app",
    parameters: "/greenleaf/test",
    release: `file://${root}/release.json`,
    region: "eu-west-3",
    endpoints: { aws: aws.url, imds: "none", database: `127.0.0.1:${postgres.port}` },
    variables: { MARKS: marks },
  };
}

function publish(
  root: string,
  { id = "one", document, pack, tamper, image, key }: Publication & { image: string; key: string },
): void {
  const folder = join(root, "packing");
  removeRoot(folder);
  cpSync(STACK, folder, { recursive: true });
  pack?.(folder);
  const archive = join(root, `stack-${id}.tar.gz`);
  execFileSync("sh", ["-c", `tar --sort=name --mtime=@0 -C "${folder}" -cf - . | gzip -n >"${archive}"`]);
  const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
  const unsigned: UnsignedRelease = {
    id,
    created: "2026-05-01T10:00:00Z",
    images: { backend: image, storefront: image },
    stack: { uri: `file://${archive}`, sha256 },
    migrations: MIGRATIONS,
    ...document,
  };
  const signed = signRelease(unsigned, key);
  writeFileSync(join(root, "release.json"), JSON.stringify(tamper?.(signed) ?? signed));
}
