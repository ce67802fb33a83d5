import { existsSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { $ } from "zx";
import { PermissionError } from "../../../node-agent/src/base/errors.ts";
import { BuildError, buildFailure } from "../build-error.ts";

/** Packages this checkout's commands installed on the machine; `down --purge` removes them. */
const RECORD = "/var/lib/greenleaf-local/launcher-packages";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** mmdebstrap and Debian's keys, installed from the distribution where they are missing, and written down. */
export async function ensureMmdebstrap(log: (text: string) => void): Promise<void> {
  const found = await $({ quiet: true, nothrow: true })`command -v mmdebstrap`;
  if (found.exitCode === 0 && existsSync(KEYRING)) return;
  if ((await $({ quiet: true, nothrow: true })`command -v apt-get`).exitCode !== 0) {
    throw new BuildError("debian:trixie-slim can neither be pulled nor made", {
      code: "build.mmdebstrap-missing",
      why: "no registry answers, and this machine has no apt to install mmdebstrap with",
      fix: "load the image by hand: docker load",
    });
  }
  if (process.getuid?.() !== 0) {
    throw new PermissionError("mmdebstrap is missing", {
      code: "build.mmdebstrap-missing",
      why: "only root can install it",
      fix: "run: sudo ./greenleaf images",
    });
  }
  log("installing mmdebstrap from the distribution");
  await install();
}

async function install(): Promise<void> {
  const before = new Set(await installedPackages());
  const done = await $({ quiet: true, nothrow: true, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })`
    apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap debian-archive-keyring`;
  if (done.exitCode !== 0) {
    throw buildFailure("mmdebstrap could not be installed", done.stderr, {
      log: "the lines above",
      again: "apt-get install mmdebstrap debian-archive-keyring",
    });
  }
  const added = (await installedPackages()).filter((name) => !before.has(name));
  await mkdir(dirname(RECORD), { recursive: true });
  await appendFile(RECORD, added.map((name) => `${name}\n`).join(""));
}

async function installedPackages(): Promise<string[]> {
  const listed = await $({ quiet: true })`dpkg-query -W -f ${"${Package}\\n"}`;
  return listed.stdout.split("\n").filter((name) => name !== "");
}
