import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { ACCEPTED_RELEASE_PATH, PREVIOUS_RELEASES_PATH, RELEASES_FOLDER } from "../../base/paths.ts";
import { textOf } from "../../base/text.ts";
import { readTar, TarProblem } from "../../core/install/tar.ts";
import { parseRelease, type Release } from "../../core/stack/release.ts";
import { applyOperations, type Boot, type Operation, type Phase } from "../phase.ts";
import { releaseInput } from "../stack/release-input.ts";
import { describedStack } from "../stack/stack-input.ts";
import type { Identified, Released } from "../stages.ts";
import { ask, newBudget } from "./aws.ts";
import { CONTENTS, contentsOf, withPlacedMounts } from "./placed-mounts.ts";
import { checkOrder, checkSignature, keepMark } from "./release-trust.ts";

/** Where things are inside a stack archive. */
export const COMPOSE_FILE = "docker-compose.yml";
const TEMPLATES = "env/";

/** The SHA-256 of the archive a folder was made from. */
const MARK = ".archive-sha256";

/** Learns which release the node runs, checks who signed it, and unpacks its stack archive. */
export const release: Phase<Identified, Released> = {
  name: "release",
  async run(boot) {
    const source = await sourceOf(boot);
    const text = await documentText(boot, source);
    const wanted = parseRelease(text, source);
    await checkSignature(boot, wanted, source);
    const mark = await checkOrder(boot, wanted, source);
    const folder = `${RELEASES_FOLDER}/${wanted.id}`;
    const files = await stackFiles(boot, wanted, folder);
    // The report names the release also of a boot that ends here.
    const unpacked = { release: wanted, stack: stackOf(folder, files), templates: templatesOf(files) };
    const known = Object.assign(boot, unpacked);
    const described = await describedStack(boot.world, releaseInput(known));
    const placed = await withPlacedMounts(known, described, files.get(CONTENTS));
    if (boot.mode === "apply") {
      await boot.world.files.write(ACCEPTED_RELEASE_PATH, text, { mode: 0o644 });
      await keepMark(boot, mark);
    }
    await removeOld(boot, wanted);
    return { note: `${wanted.id} of ${wanted.created}`, learned: { ...unpacked, ...placed } };
  },
};

/** Where changed values alone are wanted, the release that was accepted last: another one is a deploy. */
async function sourceOf(boot: Boot & Identified): Promise<string> {
  const { isForValues, node, releaseFrom } = boot;
  const { files } = boot.world;
  const isKept = isForValues === true && (await files.read(ACCEPTED_RELEASE_PATH)) !== undefined;
  return isKept ? `file://${files.path(ACCEPTED_RELEASE_PATH)}` : (releaseFrom ?? node.document.release);
}

async function documentText(boot: Boot & Identified, source: string): Promise<string> {
  if (source.startsWith("file://")) {
    const bytes = await boot.world.releaseFiles.read(source.slice("file://".length));
    if (bytes === undefined) throw noDocument(source, "there is no such file");
    return new TextDecoder().decode(bytes);
  }
  return parameterText(boot, source.slice("ssm:".length));
}

async function parameterText(boot: Boot & Identified, name: string): Promise<string> {
  const { world } = boot;
  try {
    const budget = newBudget(world, boot.awsBudgetMs);
    const found = await ask(world, { what: name, budget }, (timeoutMs) => boot.aws.parameters.get([name], timeoutMs));
    const value = found.get(name);
    if (value === undefined) throw noDocument(`ssm:${name}`, "there is no such parameter");
    return typeof value === "string" ? value : value.reveal();
  } catch (error) {
    const accepted = error instanceof TemporaryError ? await world.files.read(ACCEPTED_RELEASE_PATH) : undefined;
    if (accepted === undefined) throw error;
    boot.degraded = `Parameter Store gave no answer (${(error as TemporaryError).why}); the last release is kept`;
    return accepted;
  }
}

type StackFiles = ReadonlyMap<string, string>;

/** The texts a boot reads of a stack: from its folder where that is right, else from the archive, which is unpacked. */
async function stackFiles(boot: Boot & Identified, release: Release, folder: string): Promise<StackFiles> {
  const { files } = boot.world;
  const mark = await files.read(`${folder}/${MARK}`);
  if (mark === release.stack.sha256) return unpackedTexts(boot, folder);
  if (mark !== undefined) throw reused(release, folder);
  const archived = await archivedFiles(boot, release);
  const contents = contentsOf(boot, archived);
  const texts = [...archived].filter(([path]) => path === COMPOSE_FILE || path.startsWith(TEMPLATES));
  const read = new Map(texts.map(([path, content]) => [path, textOf(content, path)])).set(CONTENTS, contents);
  const marks = { [CONTENTS]: contents, [MARK]: release.stack.sha256 };
  const unpack: Operation = { name: `unpack ${folder}`, why: "this release is not on the machine" };
  await applyOperations(boot, "release", [unpack], async () => {
    // Without its mark a folder is no release: someone else made it.
    await files.remove(folder);
    await boot.world.releaseFiles.place(folder, new Map([...archived, ...Object.entries(marks).map(encoded)]));
  });
  return read;
}

const encoded = ([path, text]: [string, string]): [string, Uint8Array] => [path, new TextEncoder().encode(text)];

async function unpackedTexts({ world }: Boot, folder: string): Promise<StackFiles> {
  const names = await world.files.list(`${folder}/${TEMPLATES}`);
  const paths = [COMPOSE_FILE, CONTENTS, ...names.map((name) => `${TEMPLATES}${name}`)];
  const texts = await Promise.all(paths.map((path) => world.files.readText(`${folder}/${path}`)));
  return new Map(paths.flatMap((path, index) => (texts[index] === undefined ? [] : [[path, texts[index]]])));
}

async function archivedFiles(boot: Boot & Identified, { stack }: Release): Promise<ReadonlyMap<string, Uint8Array>> {
  const { world } = boot;
  const bytes = await archiveBytes(boot, stack.uri);
  const found = world.digest(bytes);
  if (found !== stack.sha256) {
    throw new ConfigurationError(`release: ${stack.uri} is not the archive of this release`, {
      code: "release.archive",
      why: `its SHA-256 is ${found}, and the release names ${stack.sha256}`,
      fix: "publish the release again; nothing was changed",
    });
  }
  const files = readTar(await world.releaseFiles.expand(bytes));
  if (files instanceof TarProblem) throw badArchive(stack.uri, files.message);
  if (!files.has(COMPOSE_FILE)) throw badArchive(stack.uri, `it holds no ${COMPOSE_FILE}`);
  return files;
}

async function archiveBytes(boot: Boot & Identified, uri: string): Promise<Uint8Array> {
  const isFile = uri.startsWith("file://");
  const bytes = isFile
    ? await boot.world.releaseFiles.read(uri.slice("file://".length))
    : await storedBytes(boot, uri.slice("s3://".length));
  if (bytes === undefined) throw noDocument(uri, isFile ? "there is no such file" : "there is no such object");
  return bytes;
}

async function storedBytes(boot: Boot & Identified, place: string): Promise<Uint8Array | undefined> {
  const slash = place.indexOf("/");
  const budget = newBudget(boot.world, boot.awsBudgetMs);
  return ask(boot.world, { what: `s3://${place}`, budget }, (timeoutMs) =>
    boot.aws.objects.get(place.slice(0, slash), place.slice(slash + 1), timeoutMs),
  );
}

function stackOf(folder: string, files: StackFiles): Released["stack"] {
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
  const before = await files.read(PREVIOUS_RELEASES_PATH);
  const [current, previous] = (before ?? "").split("\n");
  const kept = current === id ? [id, previous] : [id, current];
  const old = (await files.list(RELEASES_FOLDER)).filter((name) => !kept.includes(name));
  const operations = old.map((name) => ({
    name: `remove ${RELEASES_FOLDER}/${name}`,
    why: "neither this release nor the one before",
    path: `${RELEASES_FOLDER}/${name}`,
  }));
  await applyOperations(boot, "release", operations, ({ path }) => files.remove(path));
  if (boot.mode === "apply") await files.write(PREVIOUS_RELEASES_PATH, `${kept.join("\n")}\n`, { mode: 0o644 });
}

function noDocument(source: string, why: string): ConfigurationError {
  return new ConfigurationError(`release: ${source} cannot be read`, {
    code: "release.missing",
    why,
    fix: "publish a release, or correct `release` in the node document, then boot again",
  });
}

function badArchive(source: string, why: string): ConfigurationError {
  return new ConfigurationError(`release: the stack archive ${source} is refused`, {
    code: "release.archive",
    why,
    fix: "publish the release again; nothing was changed",
  });
}

function reused({ id, stack }: Release, folder: string): ConfigurationError {
  return new ConfigurationError(`release: the id ${id} was used before, for another stack archive`, {
    code: "release.id-reused",
    why: `${folder} was made from another archive than ${stack.sha256}`,
    fix: "publish the release under a new id",
  });
}
