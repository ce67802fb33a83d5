import { AgentError, LaterError } from "../../base/errors.ts";
import { ENGINE_FOLDER, IMAGES_PATH } from "../../base/paths.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import { type Layer, type Manifest, parseManifest, roomFor } from "../../core/stack/image-layers.ts";
import { parseImageRecord } from "../../core/stack/image-record.ts";
import type { Boot } from "../phase.ts";
import type { Logins } from "./logins.ts";

const ANSWER_MS = 5_000;

interface Asking {
  readonly boot: Boot;
  readonly logins: Logins;
}

/**
 * Refuses a pull that would not fit onto the engine's disk before a byte of it is there: a full disk is an outage of
 * everything that writes. What cannot be told is let in, and the pull itself tells that it does not fit.
 */
export async function admitImages(boot: Boot, missing: readonly string[], logins: Logins): Promise<void> {
  if (missing.length === 0) return;
  const tell = (message: string) =>
    boot.log.emit({ kind: "progress", phase: "pull", message: `how large it is cannot be asked: ${message}` });
  const asking = { boot, logins };
  const [free, layers] = await Promise.all([freeBytes(boot), layersOf(asking, missing, tell)]);
  if (free === undefined || roomFor(layers) <= free) return;
  // Most of it may be here: a release changes the topmost layers.
  const needed = roomFor(layers, await layersHere(asking));
  if (needed > free) throw noRoom(missing, { needed, free });
}

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

function noRoom(missing: readonly string[], { needed, free }: { needed: number; free: number }): LaterError {
  const many = missing.length === 1 ? "an image" : `${missing.length} images`;
  return new LaterError(`pull: no room for ${many} of the release: nothing was pulled`, {
    code: "pull.no-room",
    why: `${missing.join(", ")} may take ${inMegabytes(needed)} below ${ENGINE_FOLDER}, and ${inMegabytes(free)} are free`,
    fix: "free space there (docker image prune, docker builder prune) or make the disk larger, then boot again; what ran before goes on",
  });
}

async function freeBytes({ world }: Boot): Promise<number | undefined> {
  const argv = ["df", "--output=avail", "-B1", ENGINE_FOLDER] as const;
  const { code, stdout } = await world.exec(argv, { accept: [0, 1], timeoutMs: ANSWER_MS });
  const found = /^\s*(\d+)\s*$/m.exec(stdout)?.[1];
  return code === 0 && found !== undefined ? Number(found) : undefined;
}

/** Of images whose sizes can be asked; why those of another cannot is told by the caller who cares. */
async function layersOf(
  { boot, logins }: Asking,
  images: readonly string[],
  tell: (message: string) => void,
): Promise<Layer[]> {
  const found = await Promise.all(
    images.map(async (image) => {
      const answer = await layersOfOne({ boot, logins }, image);
      if (!answer.done) tell(`${image}: ${answer.why}`);
      return answer.done ? answer.value : [];
    }),
  );
  return found.flat();
}

/** Of images of kept releases that are on this machine. */
async function layersHere(asking: Asking): Promise<Layer[]> {
  const { files, engine } = asking.boot.world;
  const { releases } = parseImageRecord(await files.read(IMAGES_PATH));
  const recorded = [...new Set(Object.values(releases).flat())];
  const present = await Promise.all(recorded.map((image) => engine.image(image)));
  const here = recorded.filter((_image, index) => present[index] !== undefined);
  return layersOf(asking, here, () => undefined);
}

/** What refuses a login is the pull's to tell, which needs the same one. */
async function layersOfOne(asking: Asking, image: string): Promise<ProbeResult<readonly Layer[]>> {
  try {
    return await askForLayers(asking, image);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return pending(error.message);
  }
}

async function askForLayers(asking: Asking, image: string): Promise<ProbeResult<readonly Layer[]>> {
  const manifest = await manifestOf(asking, image);
  if (!manifest.done) return manifest;
  if ("layers" in manifest.value) return done(manifest.value.layers);
  const { Arch } = await asking.boot.world.engineSocket.version();
  const own = manifest.value.platforms.find(({ architecture }) => architecture === Arch);
  if (own === undefined) return pending(`it is not made for ${Arch}`);
  const ofOwn = await manifestOf(asking, `${image.slice(0, image.indexOf("@"))}@${own.digest}`);
  if (!ofOwn.done) return ofOwn;
  return "layers" in ofOwn.value ? done(ofOwn.value.layers) : pending("its manifest is none of an image");
}

async function manifestOf({ boot, logins }: Asking, image: string): Promise<ProbeResult<Manifest>> {
  const auth = await logins.of(image);
  const options = { timeoutMs: ANSWER_MS, ...(auth === undefined ? {} : { auth }) };
  const answer = await boot.world.manifests.read(image, options);
  if (!answer.done) return answer;
  const manifest = parseManifest(answer.value);
  return manifest === undefined ? pending("its manifest is not understood") : done(manifest);
}
