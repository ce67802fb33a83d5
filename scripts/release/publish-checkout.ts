import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import type { UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";
import { REPOSITORIES } from "../bootstrap/inventory.ts";
import { root } from "../images/folders.ts";
import { type Application, imageOf, readApplication } from "../images/own-storefront.ts";
import { provenanceOf } from "../images/provenance.ts";
import { buildImages } from "../images.ts";
import { packStack } from "../local/release.ts";
import { progress } from "../progress.ts";
import { keepDocument, point, publishedDocument } from "./channel.ts";
import { releaseOf } from "./document.ts";
import { type SigningKeys, signingKeys } from "./issue.ts";
import { type OciImage, ociImage } from "./registry/oci-image.ts";
import type { Publisher } from "./registry/publisher.ts";
import { openRegistry, type RegistryPlace } from "./registry/registry.ts";
import { ecrPlace } from "./registry/registry-place.ts";
import { imageSbom, type Sbom } from "./sbom.ts";

export interface Wanted {
  /** New nodes of this environment run it from now on. */
  readonly env?: string | undefined;
  /** Another registry than the account's. */
  readonly place?: RegistryPlace | undefined;
  /** Builds all images again, with Debian's present packages. */
  readonly fresh?: boolean;
  /** The folder of an application that is the storefront instead of ours. */
  readonly storefront?: string | undefined;
}

/** Publishes this checkout as a signed release; `news` is false where all of it was there. */
export async function publishCheckout(
  publisher: Publisher,
  { env, place: given, fresh = false, storefront }: Wanted,
): Promise<{ readonly id: string; readonly news: boolean }> {
  const own = storefront === undefined ? undefined : await readApplication(storefront);
  const keys = await signingKeys(publisher);
  const names = REPOSITORIES.map((name) => imageOf(name, own));
  const built = await progress.step("images", (log) => buildImages({ names, log, fresh, storefront: own }));
  const packed = await progress.step("layers", () => packAll(REPOSITORIES, own));
  const place = given ?? (await ecrPlace(publisher));
  const stack = await stackArchive(publisher);
  const sboms = await progress.step("lists of parts", () => sbomsOf(packed, own));
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
  return { id: unsigned.id, news };
}

type Packed = ReadonlyMap<string, OciImage>;

async function packAll(names: readonly string[], own: Application | undefined): Promise<Packed> {
  const images = new Map<string, OciImage>();
  for (const name of names) images.set(name, await ociImage(`greenleaf/${imageOf(name, own)}:local`));
  return images;
}

async function sbomsOf(packed: Packed, own: Application | undefined): Promise<ReadonlyMap<string, Sbom>> {
  const sboms = new Map<string, Sbom>();
  for (const [name, { digest }] of packed) {
    const image = imageOf(name, own);
    const folder = own && image !== name ? own.folder : join(root, "images", name);
    sboms.set(name, await imageSbom(name, digest, { image, lock: join(folder, "package-lock.json") }));
  }
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

export interface Publication {
  readonly unsigned: UnsignedRelease;
  readonly keys: SigningKeys;
  readonly place: RegistryPlace;
  readonly packed: Packed;
  readonly sboms: ReadonlyMap<string, Sbom>;
  readonly archive: Uint8Array;
  readonly env: string | undefined;
}

/** What a document names is there before the document; whether anything was new. */
export async function publish(
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
