import { exec } from "../../../node-agent/src/base/exec.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { removedPackages } from "../../../node-agent/src/core/install/record.ts";

/** Written by the launcher and by `./greenleaf images`, one name a line. */
export const LAUNCHER_PACKAGES = "/launcher-packages";

/** Removes the packages the launcher installed to download with (npm and what came along), as it wrote them down. */
export async function removeLauncherPackages(root: string, detail: (text: string) => void): Promise<void> {
  const files = filesBelow(root);
  const text = await files.read(LAUNCHER_PACKAGES);
  if (text === undefined) return;
  const recorded = [...new Set(text.split("\n").filter((name) => /^[a-z0-9][a-z0-9+.-]+$/.test(name)))];
  const query = await exec(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"]);
  const there = new Set(query.stdout.split("\n").flatMap((line) => /^(\S+) installed$/.exec(line)?.[1] ?? []));
  const packages = recorded.filter((name) => there.has(name));
  if (packages.length === 0) return files.remove(LAUNCHER_PACKAGES);
  const options = { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const simulation = ["apt-get", "--simulate", "purge", "--yes", ...packages] as const;
  const { code, stdout, stderr } = await exec(simulation, { ...options, accept: [0, 100] });
  if (code !== 0) return detail(`${packages.join(", ")} stay: ${stderr.trim().split("\n").at(-1)}`);
  const others = removedPackages(stdout).filter((name) => !recorded.includes(name));
  if (others.length > 0) return detail(`${others.join(", ")} came to need ${packages.join(", ")}: the packages stay`);
  await exec(["apt-get", "purge", "--yes", "--quiet", ...packages], options);
  await files.remove(LAUNCHER_PACKAGES);
}
