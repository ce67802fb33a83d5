import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { parseRelease } from "../node-agent/src/core/stack/release.ts";
import { buildImage, type ImageBuild } from "./ami/build-image.ts";
import { checkImage, imageIn, publishImage, requireTokens } from "./ami/publish.ts";
import { SIGNING_KEY } from "./bootstrap/parameters.ts";
import { textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { progress } from "./progress.ts";
import { openPublisher, type Publisher } from "./release/registry/publisher.ts";
import { ecrPlace } from "./release/registry/registry-place.ts";

const SYSTEMS = ["amazon-linux-2023", "debian-13"] as const;
const OUT = join(import.meta.dirname, "..", "dist", "ami");

/** `./greenleaf ami app|router [--os OS] [--env ENV] [--out DIR]`: bakes a golden image and publishes its id for launch templates. */
export async function ami(line: ParsedCommandLine): Promise<number> {
  const { role, system, environments, out = join(OUT, role) } = choicesOf(line);
  const publisher = await openPublisher(await accountFromEnvironment());
  await mkdir(out, { recursive: true });
  const memory = await mkdtemp(join(await memoryFolder(), "greenleaf-ami-"));
  try {
    const images = role === "app" ? await releaseImages(publisher, environments[0] ?? "") : [];
    const login = images.length > 0 ? await writeLogin(publisher, memory) : undefined;
    const build: ImageBuild = { role, system, out, images, key: (await publisher.parameter(SIGNING_KEY)) ?? "" };
    await buildImage({ ...build, ...(login === undefined ? {} : { login }), variables: packerVariables() });
  } finally {
    await rm(memory, { recursive: true, force: true });
  }
  const image = imageIn(await readFile(join(out, "packer-manifest.json"), "utf8"));
  await progress.step(`publish ${image}`, async () => {
    await requireTokens(publisher.account, image);
    await checkImage(publisher.account, image);
    await publishImage(publisher, { role, image, environments });
  });
  process.stdout.write(`${image}\n`);
  return EXIT.ready;
}

// Further -var NAME=VALUE for packer, where an AWS API of this machine stands for the real one.
const packerVariables = (): readonly string[] => (process.env.GREENLEAF_PACKER_VARS ?? "").split(" ").filter(Boolean);

const memoryFolder = async (): Promise<string> => (process.platform === "linux" ? "/dev/shm" : tmpdir());

/** What an environment runs now comes with the image, so that a boot pulls nothing. */
async function releaseImages(publisher: Publisher, environment: string): Promise<readonly string[]> {
  const name = `/greenleaf/${environment}/release`;
  const document = await publisher.parameter(name);
  if (document === undefined) return [];
  return Object.values(parseRelease(document, name).images).filter((image) => image.includes("@"));
}

/** The registry's login in the form of the docker client, in memory and for this build only. */
async function writeLogin(publisher: Publisher, folder: string): Promise<string> {
  const { url, host = new URL(url).host, username = "", password = "" } = await ecrPlace(publisher);
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const path = join(folder, "login.json");
  await writeFile(path, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
  return path;
}

function choicesOf(line: ParsedCommandLine) {
  const { positionals } = line;
  const env = textOf(line, "env");
  const role = (["app", "router"] as const).find((name) => name === positionals[0]);
  const system = SYSTEMS.find((name) => name === (textOf(line, "os") ?? SYSTEMS[0]));
  const environments = env === undefined ? ENVIRONMENTS : ENVIRONMENTS.filter((name) => name === env);
  if (role !== undefined && system !== undefined && environments.length > 0)
    return { role, system, environments, out: textOf(line, "out") };
  throw new UsageError("this is not how ami is called", {
    code: "usage.ami",
    why: `it takes app or router, --os ${SYSTEMS.join(" or ")}, and --env ${ENVIRONMENTS.join(", ")}`,
    fix: "./greenleaf ami app --env prod",
  });
}
