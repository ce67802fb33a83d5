import { spawn } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TemporaryError, UnavailableError } from "../../node-agent/src/base/errors.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { buildArchive } from "../agent-archive/build-archive.ts";
import { buildAgent } from "../build-agent.ts";
import { factsOf, sbomOf } from "./sbom.ts";
import { stagePacker } from "./stage.ts";

export interface ImageBuild {
  readonly role: "app" | "router";
  /** Name of a *.pkrvars.hcl. */
  readonly system: string;
  /** Folder for manifest and lists. */
  readonly out: string;
  /** Container images to bring along, by digest. */
  readonly images: readonly string[];
  /** Ed25519 (PEM) that signs the agent. */
  readonly key: string;
  /** A Docker config.json in memory. */
  readonly login?: string;
  /** Further NAME=VALUE for packer. */
  readonly variables?: readonly string[];
  readonly builder?: "amazon-ebs" | "docker";
}

/** Bakes an image with packer; leaves manifest, list of packages and SBOM in `out`. */
export async function buildImage(build: ImageBuild): Promise<void> {
  const { role, system, out, key, builder = "amazon-ebs" } = build;
  const version = await packerVersion();
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-packer-"));
  try {
    await mkdir(out, { recursive: true });
    await rm(join(out, "packer-manifest.json"), { force: true });
    await stagePacker(join(folder, "packer"), version);
    const archive = join(folder, "archive");
    await buildArchive(archive, { key, architecture: "x86_64" });
    const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" });
    await writeFile(join(archive, "release.pub"), publicKey);
    const variables = [...own(build, archive), ...(build.variables ?? [])].flatMap((variable) => ["-var", variable]);
    const file = join(folder, "packer", `${system}.pkrvars.hcl`);
    await runPacker(["build", `-only=${builder}.${role}`, `-var-file=${file}`, ...variables, join(folder, "packer")]);
    await writeLists(out, join(folder, "agent"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const own = ({ out, images, login }: ImageBuild, archive: string): string[] => [
  `archive=${archive}`,
  `out=${out}`,
  `version=${AGENT_VERSION}`,
  `images=${JSON.stringify(images)}`,
  ...(login === undefined ? [] : [`registry_login=${login}`]),
];

/** What the image holds, for people (manifest.json) and for scanners (sbom.cdx.json). */
async function writeLists(out: string, scratch: string): Promise<void> {
  await buildAgent(scratch);
  const [packages, image, npm] = await Promise.all([
    readFile(join(out, "packages.txt"), "utf8"),
    readFile(join(out, "image.txt"), "utf8"),
    readFile(join(scratch, "npm-packages.json"), "utf8"),
  ]);
  const content = { packages, image, npm: JSON.parse(npm) as Record<string, string> };
  const lines = packages.split("\n").filter((line) => line !== "");
  const versions = Object.fromEntries(lines.map((line) => line.split("\t").slice(0, 2) as [string, string]));
  const manifest = { ...Object.fromEntries(factsOf(image)), packages: versions };
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(out, "sbom.cdx.json"), `${JSON.stringify(sbomOf(content), null, 2)}\n`);
}

async function packerVersion(): Promise<string> {
  const found = await exec(["packer", "version"]).catch((cause: unknown) => {
    throw new UnavailableError("ami: packer is not installed", {
      code: "ami.packer-missing",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "apt-get install packer, or https://developer.hashicorp.com/packer",
      cause,
    });
  });
  return /v(\d+\.\d+\.\d+)/.exec(found.stdout)?.[1] ?? "0.0.0";
}

function runPacker(args: readonly string[]): Promise<void> {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", PACKER_NO_COLOR: "1" };
  return new Promise((resolve, reject) => {
    const child = spawn("packer", args, { stdio: ["ignore", "pipe", "inherit"], env });
    let told = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
      process.stderr.write(text);
    });
    child.on("error", reject).on("close", (code) => (code === 0 ? resolve() : reject(failed(code, told))));
  });
}

function failed(code: number | null, told: string): TemporaryError {
  const leaks = told.split("\n").flatMap((line) => /greenleaf: (leak: .*)$/.exec(line)?.[1] ?? []);
  return new TemporaryError(`ami: packer ended with code ${code}`, {
    code: "ami.packer",
    why: leaks.length > 0 ? "the image holds what an image must not hold:" : (told.trim().split("\n").at(-1) ?? ""),
    problems: leaks,
    fix: "see packer's own lines above; nothing was published",
  });
}
