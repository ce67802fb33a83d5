import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { SIGNING_KEY } from "../bootstrap/parameters.ts";
import type { Publisher } from "../release/registry/publisher.ts";
import { ecrPlace } from "../release/registry/registry-place.ts";
import { buildImage, type ImageBuild } from "./build-image.ts";
import { checkImage, imageIn, requireTokens } from "./publish.ts";

export const SYSTEMS = ["amazon-linux-2023", "debian-13"] as const;
export type System = (typeof SYSTEMS)[number];
export type Role = ImageBuild["role"];

const OUT = join(import.meta.dirname, "..", "..", "dist", "ami");

export interface Baking {
  readonly role: Role;
  readonly system: System;
  /** Of the release whose containers an app image brings along; without one it brings none. */
  readonly document: string | undefined;
  /** Where packer's records go. */
  readonly out?: string | undefined;
}

/** Bakes a golden image and looks that it is one; its id. No launch template finds it until it is published. */
export async function bake(
  publisher: Publisher,
  { role, system, document, out = join(OUT, role) }: Baking,
): Promise<string> {
  await mkdir(out, { recursive: true });
  const memory = await mkdtemp(join(await memoryFolder(), "greenleaf-ami-"));
  try {
    const images = role === "app" ? releaseImages(document) : [];
    const login = images.length > 0 ? await writeLogin(publisher, memory) : undefined;
    const build: ImageBuild = { role, system, out, images, key: (await publisher.parameter(SIGNING_KEY)) ?? "" };
    await buildImage({ ...build, ...(login === undefined ? {} : { login }), variables: packerVariables() });
  } finally {
    await rm(memory, { recursive: true, force: true });
  }
  const image = imageIn(await readFile(join(out, "packer-manifest.json"), "utf8"));
  await requireTokens(publisher.account, image);
  await checkImage(publisher.account, image);
  return image;
}

// Further -var NAME=VALUE for packer, where an AWS API of this machine stands for the real one.
const packerVariables = (): readonly string[] => (process.env.GREENLEAF_PACKER_VARS ?? "").split(" ").filter(Boolean);

const memoryFolder = async (): Promise<string> => (process.platform === "linux" ? "/dev/shm" : tmpdir());

/** What an environment runs comes with the image, so that a boot pulls nothing. */
function releaseImages(document: string | undefined): readonly string[] {
  if (document === undefined) return [];
  return Object.values(parseRelease(document, "the release").images).filter((image) => image.includes("@"));
}

/** The registry's login in the form of the docker client, in memory and for this build only. */
async function writeLogin(publisher: Publisher, folder: string): Promise<string> {
  const { url, host = new URL(url).host, username = "", password = "" } = await ecrPlace(publisher);
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const path = join(folder, "login.json");
  await writeFile(path, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
  return path;
}
