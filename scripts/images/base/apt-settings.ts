import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { putFile } from "../archive/put-file.ts";
import { secretsFolder } from "../folders.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const HOST_CA = "/etc/ssl/certs/ca-certificates.crt";

/** Where Debian 13 is taken from: the machine's own mirrors where it is a Debian, else Debian's. */
export interface Mirrors {
  readonly debian: string;
  readonly security: string;
}

export async function findMirrors(): Promise<Mirrors> {
  const format = "$(LABEL) $(REPO_URI)";
  const targets = await $({
    quiet: true,
    nothrow: true,
  })`apt-get indextargets --format ${format} ${"Identifier: Packages"}`;
  const lines = targets.stdout.split("\n").map((line) => line.split(" "));
  const mirror = (label: string, otherwise: string) =>
    (lines.find(([found]) => found === label)?.[1] ?? otherwise).replace(/\/$/, "");
  return {
    debian: mirror("Debian", "http://deb.debian.org/debian"),
    security: mirror("Debian-Security", "http://deb.debian.org/debian-security"),
  };
}

/** deb lines for mmdebstrap: one suite each. */
export function debLines({ debian, security }: Mirrors): string[] {
  const from = (uri: string, suite: string) => `deb [signed-by=${KEYRING}] ${uri} ${suite} main`;
  return [from(debian, "trixie"), from(debian, "trixie-updates"), from(security, "trixie-security")];
}

/** The machine's proxy lines for apt, as they stand in its configuration. */
export async function proxyLines(): Promise<string[]> {
  const dump = await $({ quiet: true, nothrow: true })`apt-config dump`;
  return dump.stdout.split("\n").filter((line) => /^Acquire::https?::Proxy(::[^ ]+)? ".+";$/.test(line));
}

/** Versions to hold packages at: name to exact version. */
export type Pins = ReadonlyMap<string, string>;

const write = (name: string, lines: readonly string[]): Promise<void> =>
  putFile(
    join(secretsFolder, name),
    lines
      .map(
        (line) => `${line}
`,
      )
      .join(""),
    0o600,
  );

/** Makes apt prefer exactly these versions in the build steps to come. */
export const writePins = (pins: Pins): Promise<void> => write("apt.preferences", [...pins].map(pinLines));

/** Writes what build steps mount as secrets: CA bundle, npm's and apt's settings of this machine. */
export async function writeBuildSecrets(mirrors: Mirrors): Promise<void> {
  await mkdir(secretsFolder, { recursive: true, mode: 0o700 });
  const ca = process.env.NODE_EXTRA_CA_CERTS ?? HOST_CA;
  await putFile(join(secretsFolder, "ca"), existsSync(ca) ? await readFile(ca) : "", 0o600);
  await write("npmrc", await npmLines());
  await write("apt.sources", sourcesLines(mirrors));
  await writePins(new Map());
  await write("apt.conf", [
    'Dir::Etc::sourcelist "/run/secrets/apt.sources";',
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/run/secrets/apt.preferences";',
    'Acquire::https::CaInfo "/run/secrets/ca";',
    'Acquire::Retries "3";',
    ...(await proxyLines()),
  ]);
}

export function sourcesLines({ debian, security }: Mirrors): string[] {
  const stanza = (uri: string, suites: string) => [
    "Types: deb",
    `URIs: ${uri}`,
    `Suites: ${suites}`,
    "Components: main",
    `Signed-By: ${KEYRING}`,
    "",
  ];
  // Backports are behind all else by Debian's own priority: only what a Dockerfile asks of them by name comes from there.
  return [...stanza(debian, "trixie trixie-updates trixie-backports"), ...stanza(security, "trixie-security")];
}

const pinLines = ([name, version]: readonly [string, string]): string =>
  `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`;

/** Registry and proxy, as npm itself would use them here; a token stays where it is. */
export async function npmLines(): Promise<string[]> {
  const config = await $({ quiet: true, nothrow: true })`npm config ls --json`;
  if (config.exitCode !== 0) return [];
  const settings = JSON.parse(config.stdout) as Record<string, unknown>;
  return ["registry", "proxy", "https-proxy", "noproxy"]
    .filter((name) => typeof settings[name] === "string" && settings[name] !== "")
    .map((name) => `${name}=${String(settings[name])}`);
}
