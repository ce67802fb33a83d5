import { createPrivateKey, createPublicKey } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXIT, UsageError } from "../node-agent/src/errors.ts";
import { buildArchive } from "./agent-archive/build-archive.ts";
import { type Architecture, ownArchitecture } from "./agent-archive/catalogue.ts";

const ARCHITECTURES: readonly Architecture[] = ["x86_64", "aarch64"];

/**
 * `./greenleaf agent-archive --key FILE [--out DIR] [--arch ARCH]`: the folder that Packer and user_data install from,
 * with the public half of the key beside it.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { key: { type: "string" }, out: { type: "string" }, arch: { type: "string" } },
  });
  const key = await readKey(values.key);
  const architecture = ARCHITECTURES.find((name) => name === (values.arch ?? ownArchitecture()));
  if (architecture === undefined)
    throw new UsageError(`agent-archive: --arch ${values.arch} is not known`, {
      why: `the architectures are ${ARCHITECTURES.join(" and ")}`,
      fix: "leave it out for this machine's",
    });
  const folder = values.out ?? join("dist", "agent-archive", architecture);
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
    why: "a node takes nothing that is not signed",
    fix: "openssl genpkey -algorithm ed25519 -out release.key, then --key release.key; scripts/bootstrap.sh publishes with the account's own",
  });
}
