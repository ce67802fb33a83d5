import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { normaliseImage } from "../archive/normalise.ts";
import { putFile } from "../archive/put-file.ts";
import { BuildError, buildFailure } from "../build-error.ts";
import { findImage } from "../engine.ts";
import { distFolder, workFolder } from "../folders.ts";
import { debLines, type Mirrors, proxyLines } from "./apt-settings.ts";
import { ensureMmdebstrap } from "./mmdebstrap.ts";

export const BASE_TAG = "debian:trixie-slim";
/** Says which image under that tag we pulled, so that whoever removes ours can tell it from somebody else's. */
const PULLED = join(distFolder, "pulled-base");
/** A registry that cannot be reached should say so at once; some networks only stay silent. */
const PULL_LIMIT = "90s";

/** What Debian leaves out of its own slim images. */
const SLIM = [
  ...["man", "info", "locale", "groff", "lintian", "linda", "doc"].map((name) => `path-exclude=/usr/share/${name}/*`),
  "path-include=/usr/share/doc/*/copyright",
];

export interface Making {
  readonly mirrors: Mirrors;
  /** Seconds. */
  readonly epoch: number;
  readonly log: (text: string) => void;
  /** Make it even where it is there. */
  readonly again: boolean;
}

/** The one image from outside: pulled, or made from Debian's signed packages where no registry can be reached. */
export async function ensureBaseTag(making: Making): Promise<void> {
  if (!making.again && (await findImage(BASE_TAG))) return;
  making.log(`${BASE_TAG}: pulling`);
  const pulled = await $({ quiet: true, nothrow: true, timeout: PULL_LIMIT })`docker pull --quiet ${BASE_TAG}`;
  if (pulled.exitCode === 0) return putFile(PULLED, (await findImage(BASE_TAG))?.id ?? "");
  making.log(`${BASE_TAG}: no registry answers; making it with mmdebstrap (about half a minute)`);
  await ensureMmdebstrap(making.log);
  await makeBaseTag(making);
}

/** Whether the base tag was pulled by us; `unrecorded`: also where nobody wrote down who pulled it. */
export async function hasPulledBase({ unrecorded }: { unrecorded: boolean }): Promise<boolean> {
  const present = await findImage(BASE_TAG);
  if (present === undefined || present.labels["io.greenleaf.recipe"] !== undefined) return false;
  return unrecorded || (await readFile(PULLED, "utf8").catch(() => "")) === present.id;
}

async function makeBaseTag({ mirrors, epoch }: Making): Promise<void> {
  await mkdir(workFolder, { recursive: true });
  const archive = join(workFolder, `trixie-slim-${process.pid}.tar`);
  const importing = `greenleaf/trixie-slim:importing-${process.pid}`;
  try {
    await runMmdebstrap(archive, mirrors, epoch);
    const label = `LABEL io.greenleaf.recipe=mmdebstrap`;
    await $({ quiet: true })`docker import --change ${'CMD ["bash"]'} --change ${label} ${archive} ${importing}`;
    await normaliseImage({ from: importing, tag: BASE_TAG, epoch, parentLayers: new Set() });
  } finally {
    await rm(archive, { force: true });
    await $({ quiet: true, nothrow: true })`docker rmi ${importing}`;
  }
}

async function runMmdebstrap(archive: string, mirrors: Mirrors, epoch: number): Promise<void> {
  const proxies = (await proxyLines()).map((line) => `--aptopt=${line}`);
  // What mmdebstrap copies in from this machine to reach the mirror is not part of Debian's image.
  const forget = '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/etc/apt/apt.conf.d/99mmdebstrap"';
  const made = await $({ quiet: true, nothrow: true, env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) } })`
    mmdebstrap --variant=minbase ${SLIM.map((line) => `--dpkgopt=${line}`)} ${proxies} ${forget} trixie ${archive} ${debLines(mirrors)}`;
  if (made.exitCode === 0) return;
  const failure = buildFailure(`${BASE_TAG} could not be made`, made.stderr, {
    log: "the lines above",
    again: "./greenleaf images",
  });
  if (/GPG|signature|NO_PUBKEY|keyring/i.test(made.stderr)) {
    throw new BuildError(failure.message, {
      code: "build.failed",
      why: failure.why,
      fix: "apt-get install debian-archive-keyring",
    });
  }
  throw failure instanceof TemporaryError
    ? failure
    : new BuildError(failure.message, { code: "build.download", why: failure.why, fix: failure.fix });
}
