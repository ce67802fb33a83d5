import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signRelease } from "../node-agent/src/adapters/machine/release-signature.ts";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import type { UnsignedRelease } from "../node-agent/src/core/stack/release.ts";
import { REPOSITORIES } from "./bootstrap/inventory.ts";
import { textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { provenanceOf } from "./images/provenance.ts";
import { buildImages } from "./images.ts";
import { packStack } from "./local/release.ts";
import { progress } from "./progress.ts";
import { keepDocument, point, publishedDocument } from "./release/channel.ts";
import { releaseOf } from "./release/document.ts";
import { type SigningKeys, signingKeys } from "./release/issue.ts";
import { type OciImage, ociImage } from "./release/registry/oci-image.ts";
import { openPublisher, type Publisher } from "./release/registry/publisher.ts";
import { openRegistry, type RegistryPlace } from "./release/registry/registry.ts";
import { ecrPlace } from "./release/registry/registry-place.ts";
import { imageSbom, type Sbom } from "./release/sbom.ts";

/** `./greenleaf release [--env ENV] [--registry URL]`: publishes this checkout; the same commit again changes nothing. */
export async function release(line: ParsedCommandLine): Promise<number> {
  const { env, registry } = choicesOf(line);
  const publisher = await openPublisher(await accountFromEnvironment());
  const keys = await signingKeys(publisher);
  const built = await progress.step("images", (log) => buildImages({ names: REPOSITORIES, log }));
  const packed = await progress.step("layers", () => packAll(REPOSITORIES));
  const place = registry === undefined ? await ecrPlace(publisher) : otherPlace(registry);
  const stack = await stackArchive(publisher);
  const sboms = await progress.step("lists of parts", () => sbomsOf(packed));
  const contents = releaseOf({
    images: imageNames(packed, place),
    stack: stack.stack,
    migrations: built.backend?.labels["io.greenleaf.migrations"] ?? "",
    created: new Date((await provenanceOf(".")).epoch * 1000),
  });
  const unsigned = { ...contents, sboms: Object.fromEntries([...sboms].map(([name, { sha256 }]) => [name, sha256])) };
  const news = await progress.step(`publish ${unsigned.id}`, (log) =>
    publish(publisher, { unsigned, keys, place, packed, sboms, archive: stack.bytes, env }, log),
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

async function sbomsOf(packed: Packed): Promise<ReadonlyMap<string, Sbom>> {
  const sboms = new Map<string, Sbom>();
  for (const [name, { digest }] of packed) sboms.set(name, await imageSbom(name, digest));
  return sboms;
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
  readonly keys: SigningKeys;
  readonly place: RegistryPlace;
  readonly packed: Packed;
  readonly sboms: ReadonlyMap<string, Sbom>;
  readonly archive: Uint8Array;
  readonly env: string | undefined;
}

/** What a document names is there before the document; whether anything was new. */
async function publish(
  publisher: Publisher,
  { unsigned, keys, place, packed, sboms, archive, env }: Publication,
  log: (text: string) => void,
): Promise<boolean> {
  const registry = openRegistry(place);
  const news: boolean[] = [];
  for (const [name, image] of packed) {
    const outcome = await registry.push(`greenleaf/${name}`, unsigned.id, image);
    log(`greenleaf/${name}@${image.digest}: ${outcome}`);
    news.push(outcome === "pushed");
  }
  for (const { sha256, text } of sboms.values()) await publisher.keep(`sbom/${sha256}.json`, Buffer.from(text));
  news.push((await publisher.keep(`stack/${unsigned.stack.sha256}.tar.gz`, archive)) === "made");
  // What has this id has these contents: the document that is kept stays the only one. It is for no environment yet.
  const kept = await publishedDocument(publisher, unsigned.id);
  const document = kept ?? JSON.stringify(signRelease({ ...unsigned, environments: [] }, keys.key));
  if (kept === undefined) news.push((await keepDocument(publisher, unsigned.id, document)) === "made");
  if (env !== undefined) news.push(await point(publisher, env, { document, keys }));
  return news.includes(true);
}

function otherPlace(url: string): RegistryPlace {
  const { REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password } = process.env;
  return { url, ...(username && password ? { username, password } : {}) };
}

function choicesOf(line: ParsedCommandLine): { env: string | undefined; registry: string | undefined } {
  const [env, registry] = [textOf(line, "env"), textOf(line, "registry")];
  const problems = [
    ...(env === undefined || ENVIRONMENTS.some((one) => one === env) ? [] : [`there is no environment ${env}`]),
    ...(registry === undefined || /^https?:\/\/[^/]+\/?$/.test(registry) ? [] : [`${registry} is not https://HOST`]),
  ];
  if (problems.length === 0) return { env, registry };
  throw new UsageError("release: the command line is wrong", {
    code: "usage.release",
    why: problems.join("; "),
    fix: `./greenleaf release [--env ${ENVIRONMENTS.join("|")}] [--registry https://HOST]`,
  });
}

const next = (id: string, env: string | undefined): string =>
  env === undefined
    ? `next: ./greenleaf deploy ENV ${id}\n`
    : `next: ./greenleaf deploy ${env}   (new nodes of ${env} already run ${id})\n`;
