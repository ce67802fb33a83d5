import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { describeError, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import type { UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";
import { identify } from "../../node-agent/src/phases/boot/identify.ts";
import { release } from "../../node-agent/src/phases/boot/release.ts";
import type { Boot, Mode } from "../../node-agent/src/phases/phase.ts";
import { runPhases, Sequence } from "../../node-agent/src/phases/phase.ts";
import { realWorld } from "../../node-agent/src/world.ts";

export interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export const newKeys = (): Keys =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });

export const IMAGE_ID = `sha256:${"a".repeat(64)}`;
const STACK = "services: { web: { image: '${GREENLEAF_IMAGE_BACKEND}' } }\n";

/** A node below a folder of its own that boots as far as its release. */
export interface ReleaseNode {
  readonly root: string;
  readonly keys: Keys;
  /** Publishes a release signed by `keys`, or another key. */
  publish(change?: { stack?: string; key?: string; document?: Partial<UnsignedRelease> }): void;
  /** What became of identify and release. */
  accept(mode?: Mode, releaseFrom?: string): Promise<{ readonly code: number; readonly told: string }>;
  read(path: string): string;
  write(path: string, text: string): void;
  close(): void;
}

export function releaseNode(environment = "prod"): ReleaseNode {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-release-"));
  const keys = newKeys();
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("etc/greenleaf/release.pub", keys.publicKey);
  const node = { version: 1, project: "greenleaf", environment, role: "app", parameters: `/greenleaf/${environment}` };
  const place = { release: `file://${root}/release.json`, region: "eu-west-3", endpoints: { imds: "none" } };
  write("etc/greenleaf/node.json", JSON.stringify({ ...node, ...place }));
  return {
    root,
    keys,
    publish: ({ stack = STACK, key = keys.privateKey, document } = {}) => {
      const unsigned = { ...documentOf(archived(root, stack)), ...document };
      write("release.json", JSON.stringify(signRelease(unsigned, key)));
    },
    accept: (mode = "apply", releaseFrom) => accepted(root, mode, releaseFrom),
    read: (path) => readFileSync(join(root, path), "utf8"),
    write,
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

const documentOf = (stack: UnsignedRelease["stack"]): UnsignedRelease => ({
  id: "one",
  created: "2026-05-01T10:00:00Z",
  images: { backend: IMAGE_ID },
  stack,
  migrations: "m",
});

function archived(root: string, stack: string): UnsignedRelease["stack"] {
  const folder = mkdtempSync(join(root, "packing-"));
  writeFileSync(join(folder, "docker-compose.yml"), stack);
  const archive = `${folder}.tar.gz`;
  execFileSync("tar", ["--mtime=@0", "--owner=0", "--group=0", "-czf", archive, "-C", folder, "docker-compose.yml"]);
  return { uri: `file://${archive}`, sha256: createHash("sha256").update(readFileSync(archive)).digest("hex") };
}

async function accepted(root: string, mode: Mode, releaseFrom?: string): Promise<{ code: number; told: string }> {
  const told: string[] = [];
  const log = { emit: (event: object) => void told.push(JSON.stringify(event)) };
  const boot: Boot = {
    world: realWorld({ root }),
    log,
    mode,
    operations: [],
    results: [],
    ...(releaseFrom === undefined ? {} : { releaseFrom }),
  };
  try {
    await runPhases(boot, Sequence.of().next(identify).next(release));
    return { code: 0, told: told.join("\n") };
  } catch (error) {
    return { code: exitCodeOf(error), told: describeError(error) };
  }
}
