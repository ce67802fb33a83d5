import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npmLines, proxyLines } from "../../scripts/images/base/apt-settings.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/**
 * A folder with this checkout's commits, and with what a company's machine has of its network: npm's registry and
 * proxies, apt's proxies, the authorities it believes. No token.
 */
export async function writeSettings(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bundle = ["-c", "safe.directory=*", "bundle", "create", "--quiet", join(folder, "greenleaf.bundle"), "HEAD"];
  execFileSync("git", bundle, { cwd: REPOSITORY });
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""), { mode: 0o644 });
  write("npmrc", await npmLines());
  write("apt.conf", await proxyLines());
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? "/etc/ssl/certs/ca-certificates.crt";
  if (existsSync(authorities)) copyFileSync(authorities, join(folder, "authorities.crt"));
  else write("authorities.crt", []);
}

/** Shell lines a newcomer types, each with what it is for. */
export const STEPS: readonly (readonly [what: string, line: string])[] = [
  ["the machine's own network", "cp /settings/npmrc /root/.npmrc && cp /settings/apt.conf /etc/apt/apt.conf.d/10own"],
  ["git and sudo", "apt-get update -qq && apt-get install -y -qq --no-install-recommends git sudo ca-certificates"],
  [
    "the machine's own authorities",
    "cp /settings/authorities.crt /usr/local/share/ca-certificates/ && update-ca-certificates",
  ],
  ["the clone", "git clone --quiet /settings/greenleaf.bundle /root/greenleaf"],
];
