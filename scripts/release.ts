import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { signRelease } from "../node-agent/src/adapters/release-signature.ts";
import type { UnsignedRelease } from "../node-agent/src/core/release.ts";
import { ConfigurationError, EXIT, UsageError } from "../node-agent/src/errors.ts";
import { REPOSITORIES } from "./bootstrap/inventory.ts";
import { SIGNING_KEY } from "./bootstrap/parameters.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { provenanceOf } from "./images/provenance.ts";
import { buildImages } from "./images.ts";
import { packStack } from "./local/release.ts";
import { progress } from "./progress.ts";
import { keepDocument, point, publishedDocument } from "./release/channel.ts";
import { releaseOf } from "./release/document.ts";
import { type OciImage, ociImage } from "./release/oci-image.ts";
import { openPublisher, type Publisher } from "./release/publisher.ts";
import { openRegistry, type RegistryPlace } from "./release/registry.ts";
import { ecrPlace } from "./release/registry-place.ts";

/** `./greenleaf release [--env ENV] [--registry URL]`: publishes this checkout; the same commit again changes nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  const { env, registry } = options(argv);
  const publisher = await openPublisher(accountFromEnvironment());
  const key = await signingKey(publisher);
  const built = await progress.step("images", (log) => buildImages({ names: REPOSITORIES, log }));
  const packed = await progress.step("layers", () => packAll(REPOSITORIES));
  const place = registry === undefined ? await ecrPlace(publisher) : otherPlace(registry);
  const stack = await stackArchive(publisher);
  const unsigned = releaseOf({
    images: imageNames(packed, place),
    stack: stack.stack,
    migrations: built.backend?.labels["io.greenleaf.migrations"] ?? "",
    created: new Date((await provenanceOf(".")).epoch * 1000),
  });
  const news = await progress.step(`publish ${unsigned.id}`, (log) =>
    publish(publisher, { unsigned, key, place, packed, archive: stack.bytes, env }, log),
  );
  process.stdout.write(`${unsigned.id}\n`);
  process.stderr.write(news ? next(unsigned.id, env) : "nothing changed: this release is published already\n");
  return EXIT.ready;
}

type Packed = ReadonlyMap<string, OciImage>;

async function packAll(names: readonly string[]): Promise<Packed> {
  const images = new Map<string, OciImage>();
  for (const name of names) images.set(name, await ociImage(`greenleaf/${name}:local`));
  return images;
}

const imageNames = (packed: Packed, { url, host = new URL(url).host }: RegistryPlace): Record<string, string> =>
  Object.fromEntries([...packed].map(([name, { digest }]) => [name, `${host}/greenleaf/${name}@${digest}`]));

async function stackArchive({ bucket }: Publisher) {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-release-"));
  try {
    const archive = join(folder, "stack.tar.gz");
    const sha256 = await packStack(archive);
    const stack = { uri: `s3://${bucket}/stack/${sha256}.tar.gz`, sha256 };
    return { stack, bytes: await readFile(archive) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Publication {
  readonly unsigned: UnsignedRelease;
  readonly key: string;
  readonly place: RegistryPlace;
  readonly packed: Packed;
  readonly archive: Uint8Array;
  readonly env: string | undefined;
}

/** What a document names is there before the document; whether anything was new. */
async function publish(
  publisher: Publisher,
  { unsigned, key, place, packed, archive, env }: Publication,
  log: (text: string) => void,
): Promise<boolean> {
  const registry = openRegistry(place);
  const news: boolean[] = [];
  for (const [name, image] of packed) {
    const outcome = await registry.push(`greenleaf/${name}`, unsigned.id, image);
    log(`greenleaf/${name}@${image.digest}: ${outcome}`);
    news.push(outcome === "pushed");
  }
  news.push((await publisher.keep(`stack/${unsigned.stack.sha256}.tar.gz`, archive)) === "made");
  // What has this id has these contents: the document that is kept stays the only one.
  const kept = await publishedDocument(publisher, unsigned.id);
  const document = kept ?? JSON.stringify(signRelease(unsigned, key));
  if (kept === undefined) news.push((await keepDocument(publisher, unsigned.id, document)) === "made");
  if (env !== undefined) news.push(await point(publisher, env, document));
  return news.includes(true);
}

async function signingKey(publisher: Publisher): Promise<string> {
  const key = await publisher.parameter(SIGNING_KEY);
  if (key !== undefined) return key;
  throw new ConfigurationError("release: there is no key to sign with", {
    why: `parameter ${SIGNING_KEY} does not exist in ${publisher.account.region} of account ${publisher.accountId}`,
    fix: "run scripts/bootstrap.sh once for this account",
  });
}

function otherPlace(url: string): RegistryPlace {
  const { REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password } = process.env;
  return { url, ...(username && password ? { username, password } : {}) };
}

function options(argv: readonly string[]): { env: string | undefined; registry: string | undefined } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { env: { type: "string" }, registry: { type: "string" } },
    });
    const { env, registry } = values;
    if (env !== undefined && !ENVIRONMENTS.some((one) => one === env))
      throw new Error(`there is no environment ${env}`);
    if (registry !== undefined && !/^https?:\/\/[^/]+\/?$/.test(registry))
      throw new Error(`--registry ${registry} is not https://HOST`);
    return { env, registry };
  } catch (error) {
    throw new UsageError("release: the command line is wrong", {
      why: error instanceof Error ? error.message : String(error),
      fix: `./greenleaf release [--env ${ENVIRONMENTS.join("|")}] [--registry https://HOST]`,
    });
  }
}

const next = (id: string, env: string | undefined): string =>
  env === undefined
    ? `next: ./greenleaf deploy ENV ${id}\n`
    : `next: ./greenleaf deploy ${env}   (new nodes of ${env} already run ${id})\n`;
