import { createPrivateKey, createPublicKey } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { buildArchive } from "./agent-archive/build-archive.ts";
import { type Architecture, ownArchitecture } from "./agent-archive/catalogue.ts";
import { textOf } from "./cli/command.ts";

const ARCHITECTURES: readonly Architecture[] = ["x86_64", "aarch64"];

/**
 * `./greenleaf agent-archive --key FILE [--out DIR] [--arch ARCH]`: the folder that Packer and user_data install from,
 * with the public half of the key beside it.
 */
export async function agentArchive(line: ParsedCommandLine): Promise<number> {
  const key = await readKey(textOf(line, "key"));
  const architecture = ARCHITECTURES.find((name) => name === textOf(line, "arch")) ?? ownArchitecture();
  const folder = textOf(line, "out") ?? join("dist", "agent-archive", architecture);
  await buildArchive(folder, { key, architecture });
  const publicKey = createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" });
  for (const name of (await readdir(folder)).sort()) {
    const { size } = await stat(join(folder, name));
    process.stdout.write(`${folder}/${name}  ${(size / 1e6).toFixed(2)} MB\n`);
  }
  await writeFile(join(folder, "release.pub"), publicKey);
  return EXIT.ready;
}

async function readKey(path: string | undefined): Promise<string> {
  if (path !== undefined) return readFile(path, "utf8");
  throw new UsageError("agent-archive: there is no key to sign with", {
    code: "archive.key",
    why: "a node takes nothing that is not signed",
    fix: "openssl genpkey -algorithm ed25519 -out release.key, then --key release.key; scripts/bootstrap.sh publishes with the account's own",
  });
}
