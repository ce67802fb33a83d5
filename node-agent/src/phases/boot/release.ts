import { parseRelease, RELEASE_KEY_PATH, RELEASES_FOLDER, type Release } from "../core/release.ts";
import { readTar, TarProblem } from "../core/tar.ts";
import { ConfigurationError, TemporaryError } from "../errors.ts";
import { ask, newBudget } from "./aws.ts";
import { type Boot, known, type Operation, type Phase, perform } from "./phase.ts";

/** Where things are inside a stack archive. */
export const COMPOSE_FILE = "docker-compose.yml";
const TEMPLATES = "env/";

/** The SHA-256 of the archive a folder was made from. */
const MARK = ".archive-sha256";
/** The last document that was accepted, for when Parameter Store gives no answer. */
export const ACCEPTED = "/var/lib/greenleaf/release.json";

/** Learns which release the node runs, checks who signed it, and unpacks its stack archive. */
export const release: Phase = {
  name: "release",
  async run(boot) {
    const { document } = known(boot, "node");
    const text = await documentText(boot, document.release);
    const wanted = parseRelease(text, document.release);
    await checkSignature(boot, wanted, document.release);
    const folder = `${RELEASES_FOLDER}/${wanted.id}`;
    const files = await stackFiles(boot, wanted, folder);
    boot.release = wanted;
    boot.stack = stackOf(folder, files);
    boot.templates = templatesOf(files);
    if (boot.mode === "apply") await boot.world.files.write(ACCEPTED, text, { mode: 0o644 });
    await removeOld(boot, wanted);
    return `${wanted.id} of ${wanted.created}`;
  },
};

async function documentText(boot: Boot, source: string): Promise<string> {
  if (source.startsWith("file://")) {
    const bytes = await boot.world.releaseFiles.read(source.slice("file://".length));
    if (bytes === undefined) throw noDocument(source, "there is no such file");
    return new TextDecoder().decode(bytes);
  }
  return parameterText(boot, source.slice("ssm:".length));
}

async function parameterText(boot: Boot, name: string): Promise<string> {
  const { world } = boot;
  try {
    const budget = newBudget(world, boot.awsBudgetMs);
    const found = await ask(world, { what: name, budget }, (timeoutMs) =>
      known(boot, "aws").parameters.get([name], timeoutMs),
    );
    const value = found.get(name);
    if (value === undefined) throw noDocument(`ssm:${name}`, "there is no such parameter");
    return typeof value === "string" ? value : value.reveal();
  } catch (error) {
    const accepted = error instanceof TemporaryError ? await world.files.read(ACCEPTED) : undefined;
    if (accepted === undefined) throw error;
    boot.degraded = `Parameter Store gave no answer (${(error as TemporaryError).why}); the last release is kept`;
    return accepted;
  }
}

async function checkSignature({ world }: Boot, release: Release, source: string): Promise<void> {
  const key = await world.files.read(RELEASE_KEY_PATH);
  if (key === undefined) {
    throw new ConfigurationError(`release: ${source} cannot be checked`, {
      why: `there is no ${RELEASE_KEY_PATH}`,
      fix: "write the public key of whoever publishes releases there (PEM)",
    });
  }
  if (isSigned({ world }, release, key)) return;
  throw new ConfigurationError(`release: ${source} is not signed by the key in ${RELEASE_KEY_PATH}`, {
    why: `the signature of ${release.id} does not fit the document, or another key made it`,
    fix: "publish the release again with the right key; nothing was changed",
  });
}

function isSigned({ world }: Pick<Boot, "world">, release: Release, key: string): boolean {
  try {
    return world.isSignedBy(release, key);
  } catch (cause) {
    throw new ConfigurationError(`release: ${RELEASE_KEY_PATH} is not an Ed25519 public key`, {
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "write the public key of whoever publishes releases there (PEM)",
      cause,
    });
  }
}

type StackFiles = ReadonlyMap<string, string>;

/** The texts a boot reads of a stack: from its folder where that is right, else from the archive, which is unpacked. */
async function stackFiles(boot: Boot, release: Release, folder: string): Promise<StackFiles> {
  const { files } = boot.world;
  const mark = await files.read(`${folder}/${MARK}`);
  if (mark === release.stack.sha256) return unpackedTexts(boot, folder);
  if (mark !== undefined) throw reused(release, folder);
  const archived = await archivedFiles(boot, release);
  const unpack: Operation = { name: `unpack ${folder}`, why: "this release is not on the machine" };
  await perform(boot, "release", [unpack], async () => {
    // Without its mark a folder is no release: someone else made it.
    await files.remove(folder);
    await boot.world.releaseFiles.place(folder, archived);
  });
  const decoder = new TextDecoder();
  return new Map([...archived].map(([path, content]) => [path, decoder.decode(content)]));
}

async function unpackedTexts({ world }: Boot, folder: string): Promise<StackFiles> {
  const names = await world.files.list(`${folder}/${TEMPLATES}`);
  const paths = [COMPOSE_FILE, ...names.map((name) => `${TEMPLATES}${name}`)];
  const texts = await Promise.all(paths.map((path) => world.files.read(`${folder}/${path}`)));
  return new Map(paths.flatMap((path, index) => (texts[index] === undefined ? [] : [[path, texts[index]]])));
}

async function archivedFiles(boot: Boot, { stack }: Release): Promise<ReadonlyMap<string, Uint8Array>> {
  const { world } = boot;
  const bytes = await archiveBytes(boot, stack.uri);
  const found = world.digest(bytes);
  if (found !== stack.sha256) {
    throw new ConfigurationError(`release: ${stack.uri} is not the archive of this release`, {
      why: `its SHA-256 is ${found}, and the release names ${stack.sha256}`,
      fix: "publish the release again; nothing was changed",
    });
  }
  const files = readTar(await world.releaseFiles.expand(bytes));
  if (files instanceof TarProblem) throw badArchive(stack.uri, files.message);
  if (!files.has(COMPOSE_FILE)) throw badArchive(stack.uri, `it holds no ${COMPOSE_FILE}`);
  return new Map([...files, [MARK, new TextEncoder().encode(stack.sha256)]]);
}

async function archiveBytes(boot: Boot, uri: string): Promise<Uint8Array> {
  const isFile = uri.startsWith("file://");
  const bytes = isFile
    ? await boot.world.releaseFiles.read(uri.slice("file://".length))
    : await storedBytes(boot, uri.slice("s3://".length));
  if (bytes === undefined) throw noDocument(uri, isFile ? "there is no such file" : "there is no such object");
  return bytes;
}

async function storedBytes(boot: Boot, place: string): Promise<Uint8Array | undefined> {
  const slash = place.indexOf("/");
  const budget = newBudget(boot.world, boot.awsBudgetMs);
  return ask(boot.world, { what: `s3://${place}`, budget }, (timeoutMs) =>
    known(boot, "aws").objects.get(place.slice(0, slash), place.slice(slash + 1), timeoutMs),
  );
}

function stackOf(folder: string, files: StackFiles): NonNullable<Boot["stack"]> {
  const text = files.get(COMPOSE_FILE);
  if (text === undefined) throw badArchive(folder, `it holds no ${COMPOSE_FILE}`);
  return { folder, composeFile: `${folder}/${COMPOSE_FILE}`, composeText: text };
}

function templatesOf(files: StackFiles): ReadonlyMap<string, string> {
  const templates = [...files].filter(([path]) => path.startsWith(TEMPLATES) && path.endsWith(".env.hbs"));
  return new Map(templates.map(([path, text]) => [path.slice(TEMPLATES.length), text]));
}

/** The release that ran before stays for a rollback; older ones go. */
async function removeOld(boot: Boot, { id }: Release): Promise<void> {
  const { files } = boot.world;
  const before = await files.read(PREVIOUS);
  const [current, previous] = (before ?? "").split("\n");
  const kept = current === id ? [id, previous] : [id, current];
  const old = (await files.list(RELEASES_FOLDER)).filter((name) => !kept.includes(name));
  const operations = old.map((name) => ({
    name: `remove ${RELEASES_FOLDER}/${name}`,
    why: "neither this release nor the one before",
    path: `${RELEASES_FOLDER}/${name}`,
  }));
  await perform(boot, "release", operations, ({ path }) => files.remove(path));
  if (boot.mode === "apply") await files.write(PREVIOUS, `${kept.join("\n")}\n`, { mode: 0o644 });
}

/** Ids of this release and the one before, a line each. */
const PREVIOUS = "/var/lib/greenleaf/releases.txt";

function noDocument(source: string, why: string): ConfigurationError {
  return new ConfigurationError(`release: ${source} cannot be read`, {
    why,
    fix: "publish a release, or correct `release` in the node document, then boot again",
  });
}

function badArchive(source: string, why: string): ConfigurationError {
  return new ConfigurationError(`release: the stack archive ${source} is refused`, {
    why,
    fix: "publish the release again; nothing was changed",
  });
}

function reused({ id, stack }: Release, folder: string): ConfigurationError {
  return new ConfigurationError(`release: the id ${id} was used before, for another stack archive`, {
    why: `${folder} was made from another archive than ${stack.sha256}`,
    fix: "publish the release under a new id",
  });
}
