import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker, packerMissing, shell, stockImage } from "./build-machine.ts";

const missing = packerMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const SEAL = join(import.meta.dirname, "../../packer/provision/seal.sh");
const AWS_KEY = `AKIA${"EXAMPLE".padEnd(16, "A")}`;
const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n";

/** Every kind of thing an image must not hold, each where it would be. */
const LEAKS: Readonly<Record<string, string>> = {
  "/etc/ssh/ssh_host_ed25519_key": "host key",
  "/root/.ssh/authorized_keys": "ssh-ed25519 AAAA somebody",
  "/home/admin/.ssh/known_hosts": "10.0.0.1 ssh-ed25519 AAAA",
  "/root/.aws/credentials": "aws_secret_access_key = x",
  "/home/admin/.docker/config.json": '{"auths":{}}',
  "/root/.bash_history": "export PASSWORD=x",
  "/home/admin/.python_history": "secret = 1",
  "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  "/var/lib/dbus/machine-id": "0123456789abcdef0123456789abcdef\n",
  "/var/lib/systemd/random-seed": "seed",
  "/var/lib/systemd/credential.secret": "secret",
  "/var/lib/cloud/instance-id": "i-0123456789abcdef0",
  "/etc/greenleaf/node.json": "{}",
  "/var/lib/greenleaf/status.json": "{}",
  "/var/lib/dhcp/dhclient.leases": "lease {}",
  "/var/lib/NetworkManager/internal.lease": "ADDRESS=10.0.0.7",
  "/var/lib/amazon/ssm/Vault/Store/RegistrationKey": "key",
  "/var/log/cloud-init.log": "10.0.0.7",
  "/var/lib/dnf/history.sqlite": "history",
  "/tmp/left.txt": "left",
  "/var/tmp/left.txt": "left",
  "/var/lib/docker/containers/0123/config.v2.json": "{}",
  "/etc/docker/key.json": "{}",
  "/opt/shop/backend.env": "JWT_SECRET=x",
  "/etc/ssl/private/shop.pem": PRIVATE_KEY,
  "/usr/local/etc/upload.conf": AWS_KEY,
};
/** What sealing leaves alone, for it is no trace of the machine that was built on: only the check finds these. */
const NOT_CLEANED = ["/opt/shop/backend.env", "/etc/ssl/private/shop.pem", "/usr/local/etc/upload.conf"];

describe.skipIf(missing !== undefined)(`sealing an image${why}`, () => {
  const name = `greenleaf-test-seal-${process.pid}`;
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "greenleaf-seal-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const mountOf = (path: string): string[] => {
    const file = join(folder, path.replaceAll("/", "_"));
    writeFileSync(file, LEAKS[path] ?? "");
    return ["--volume", `${file}:${path}:ro`];
  };
  // A container's own hostname file is a mount of its engine.
  const sealed = (mounts: readonly string[], before: string) => {
    docker(
      ["run", "--detach", "--rm", "--name", name, "--network", "none", "--volume", `${SEAL}:/seal.sh:ro`, ...mounts],
      [stockImage(), "/bin/sleep", "600"],
    );
    try {
      return shell(name, `umount /etc/hostname; ${before}; sh /seal.sh`);
    } finally {
      docker("rm", "--force", "--volumes", name);
    }
  };
  const planted = Object.entries(LEAKS).map(([path, text]) => {
    return `mkdir -p '${path.replace(/\/[^/]*$/, "")}'; printf '%s' '${text}' >'${path}'`;
  });

  test("there are far more than a dozen kinds of leak to look for", () => {
    expect(Object.keys(LEAKS).length).toBeGreaterThanOrEqual(24);
  });

  test("what can be taken away is taken away, all of it at once", () => {
    const lines = planted.filter((line) => !NOT_CLEANED.some((path) => line.includes(path)));
    const { code, stdout, stderr } = sealed(
      ["--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"],
      lines.join("; "),
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "greenleaf: sealed\n", stderr: "" });
  });

  test.each(Object.keys(LEAKS))("a leak that cannot be taken away fails, and is named: %s", (path) => {
    const extra = ["--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"];
    const { code, stdout, stderr } = sealed([...extra, ...mountOf(path)], "true");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("greenleaf: leak: ");
    expect(stderr.split("\n").some((line) => path.startsWith(/leak: ([^:]+):/.exec(line)?.[1] ?? "?"))).toBe(true);
    expect(stderr).toContain("1 leaks: this image must not be published");
  });
});
