import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One static program in an otherwise empty image: made from Debian's busybox-static, nothing is pulled. */
export const BUSYBOX = "greenleaf-test/busybox:1";

const CHANGES = ["ENV PATH=/bin", 'CMD ["/bin/sleep","3600"]'];
const LINKS = [
  "sh",
  "sleep",
  "cat",
  "echo",
  "true",
  "false",
  "wget",
  "httpd",
  "nc",
  "test",
  "env",
  "hostname",
  "id",
  "touch",
  "mkdir",
];

/** Makes the image unless it is there; gives its id. */
export function busyboxImage(): string {
  const found = execFileSync("docker", ["images", "-q", "--no-trunc", BUSYBOX], { encoding: "utf8" }).trim();
  return found === "" ? make() : found;
}

function make(): string {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-busybox-"));
  try {
    execFileSync("apt-get", ["download", "-qq", "busybox-static"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    execFileSync("sh", ["-c", "dpkg-deb -x busybox-static_*.deb x"], { cwd: folder });
    const root = join(folder, "root");
    for (const name of ["bin", "etc", "tmp", "data"]) mkdirSync(join(root, name), { recursive: true });
    execFileSync(
      "sh",
      ["-c", `cp x/bin/busybox root/bin/ && for l in ${LINKS.join(" ")}; do ln -s busybox root/bin/$l; done`],
      { cwd: folder },
    );
    const changes = CHANGES.map((change) => `--change '${change}'`).join(" ");
    const importing = `tar -C root --owner=0 --group=0 --numeric-owner -c . | docker import ${changes} - ${BUSYBOX}`;
    return execFileSync("sh", ["-c", importing], { cwd: folder, encoding: "utf8" }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
