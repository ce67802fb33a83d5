import { exec } from "../../node-agent/src/adapters/exec.ts";
import { filesBelow } from "../../node-agent/src/adapters/files.ts";

/** Removes the packages the launcher installed to download with (npm and what came along), as it wrote them down. */
export async function removeLauncherPackages(root: string): Promise<void> {
  const recorded = (await filesBelow(root).read("/launcher-packages")) ?? "";
  const packages = recorded.split("\n").filter((name) => /^[a-z0-9][a-z0-9+.-]+$/.test(name));
  if (packages.length === 0) return;
  await exec(["apt-get", "purge", "--yes", "--quiet", ...packages], {
    timeoutMs: 300_000,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}
