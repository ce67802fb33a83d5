import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isSignedBy, signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import { filesBelow } from "../../node-agent/src/base/files.ts";
import type { NodeDocument } from "../../node-agent/src/core/config/node-document.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { issue, issueTime, publicHalf } from "../release/issue.ts";
import { isDefaultWorld, type LocalWorld, localFolder } from "./world.ts";

const ENVIRONMENT = "local";
const REPOSITORY = join(import.meta.dirname, "..", "..");
/** Where `docker compose` finds variables by itself. */
export const COMPOSE_VARIABLES = join(REPOSITORY, "compose/.env");
/** Tells the file from one that somebody wrote for themselves. */
export const COMPOSE_VARIABLES_HEAD = "# Written by `greenleaf up`";

/** Names a release uses for images; the ids are those the engine holds. */
export type ReleaseImages = Readonly<Record<"backend" | "storefront" | "caddy", string>>;

/**
 * Publishes this checkout as the local world's release: packs the stack, signs the document with the world's own key
 * and writes it where the node document points. The same images and stack give the same document.
 */
export async function publishLocalRelease(
  world: LocalWorld,
  images: ReleaseImages,
  migrations: string,
): Promise<string> {
  const key = await ensureReleaseKey(world);
  const archive = localFolder(world, "stack.tar.gz");
  const sha256 = await packStack(archive);
  const id = `local-${createHash("sha256").update(JSON.stringify({ images, sha256, migrations })).digest("hex").slice(0, 12)}`;
  const files = filesBelow(world.root);
  const kept = await files.read("/local/release.json");
  if (kept !== undefined && isLocal(kept, id)) return id;
  const document = {
    id,
    created: new Date().toISOString(),
    environments: [ENVIRONMENT],
    issued: issueTime(kept),
    images,
    stack: { uri: `file://${archive}`, sha256 },
    migrations,
  };
  await files.write("/local/release.json", JSON.stringify(signRelease(document, key), undefined, 2), { mode: 0o644 });
  return id;
}

// What an earlier version published names no environment: it is signed anew.
function isLocal(document: string, id: string): boolean {
  try {
    const release = parseRelease(document, "the local release");
    return release.id === id && release.environments?.join() === ENVIRONMENT;
  } catch {
    return false;
  }
}

/** A release as the local node is told to run it: issued anew where the world's own key signed it. */
export async function issueLocally(world: LocalWorld, document: string, after: string | undefined): Promise<string> {
  const key = await ensureReleaseKey(world);
  const trusted = publicHalf(key);
  const isOwn = isSignedBy(parseRelease(document, "the release"), { keys: trusted, revoked: "" });
  // Somebody else's is left to the agent, which says what it thinks of it.
  return isOwn ? issue(document, { key, trusted }, { environment: ENVIRONMENT, after }) : document;
}

/** The local world's own signing key (PEM); its public half lies where every node has it. */
export async function ensureReleaseKey(world: LocalWorld): Promise<string> {
  const path = localFolder(world, "release.key");
  const files = filesBelow(world.root);
  if (!existsSync(path)) {
    const pair = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    await files.write("/etc/greenleaf/release.pub", pair.publicKey, { mode: 0o644 });
    await files.write("/local/release.key", pair.privateKey);
  }
  return readFile(path, "utf8");
}

/** The stack archive of this checkout: byte for byte the same for the same files. Returns its SHA-256. */
export async function packStack(archive: string): Promise<string> {
  const folder = `${archive}.d`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await cp(join(REPOSITORY, "compose/docker-compose.yml"), join(folder, "docker-compose.yml"));
  await cp(join(REPOSITORY, "compose/env"), join(folder, "env"), { recursive: true });
  await cp(join(REPOSITORY, "caddy"), join(folder, "caddy"), { recursive: true });
  const tar = "tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf -";
  const { stdout } = await exec([
    "sh",
    "-c",
    `${tar} -C "$1" . | gzip -n9 >"$2" && sha256sum <"$2"`,
    "sh",
    folder,
    archive,
  ]);
  await rm(folder, { recursive: true, force: true });
  return stdout.slice(0, 64);
}

/** Writes the node document of a local node, and the variables `docker compose` needs for the same stack. */
export async function writeNodeDocument(world: LocalWorld, variables: Readonly<Record<string, string>>): Promise<void> {
  const document = nodeDocument(world, variables);
  await filesBelow(world.root).write("/etc/greenleaf/node.json", `${JSON.stringify(document, undefined, 2)}\n`, {
    mode: 0o644,
  });
}

/** What the local node is told about itself. */
export function nodeDocument(world: LocalWorld, variables: Readonly<Record<string, string>>): NodeDocument {
  return {
    version: 1,
    project: world.project,
    environment: ENVIRONMENT,
    role: "app",
    parameters: "/greenleaf/local",
    release: `file://${localFolder(world, "release.json")}`,
    region: "eu-west-3",
    endpoints: {
      aws: `http://127.0.0.1:${world.ports.aws}`,
      imds: "none",
      database: `127.0.0.1:${world.ports.postgres}`,
    },
    variables,
  };
}

/** Variables for `docker compose` on the same stack; the default world's also where compose finds them by itself. */
export async function writeComposeVariables(
  world: LocalWorld,
  variables: Readonly<Record<string, string>>,
  path = COMPOSE_VARIABLES,
): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const head = `${COMPOSE_VARIABLES_HEAD}, for \`docker compose -f compose/docker-compose.yml ...\``;
  const text = [head, ...lines, ""].join("\n");
  await filesBelow(world.root).write("/local/compose.env", text, { mode: 0o644 });
  if (!isDefaultWorld(world)) return;
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found === undefined || found.startsWith(COMPOSE_VARIABLES_HEAD)) await writeFile(path, text);
}
