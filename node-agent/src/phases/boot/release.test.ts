import { createPublicKey } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test as run } from "vitest";
import { hasCompose, noCompose } from "../../../../tests/support/has-compose.ts";
import { newKeys, type ReleaseNode, releaseNode } from "../../../../tests/support/release-node.ts";
import { fingerprintOf } from "../../adapters/machine/release-signature.ts";

/** The last step of the phase asks Compose. */
const test = (name: string, check: () => Promise<void>): void => run.runIf(hasCompose)(`${name}${noCompose}`, check);

let node: ReleaseNode;
beforeEach(() => void (node = releaseNode()));
afterEach(() => node.close());

const ACCEPTED = "var/lib/greenleaf/release.json";

test("a signed stack that asks for the machine is refused with every service and place, and never accepted", async () => {
  const extra = [
    'image: "127.0.0.1:8599/anything:latest"',
    "user: root",
    "cap_add: [SYS_ADMIN]",
    'security_opt: ["seccomp:unconfined"]',
    'volumes: ["/:/host", "/var/run/docker.sock:/var/run/docker.sock"]',
  ];
  node.publish({ stack: `services: { extra: { ${extra.join(", ")} } }` });
  for (const mode of ["plan", "apply"] as const) {
    const { code, told } = await node.accept(mode);
    expect(code).toBe(78);
    for (const place of ["image: 127.0.0.1:8599", "user: ", "cap_add: SYS_ADMIN", "security_opt: seccomp"])
      expect(told).toContain(`services.extra.${place}`);
    for (const path of ["volumes: host path / ", "volumes: /var/run/docker.sock is the engine's socket"])
      expect(told).toContain(`services.extra.${path}`);
  }
  expect(existsSync(join(node.root, ACCEPTED))).toBe(false);
});

test("a stack that is refused leaves the release that was accepted before as the last known good", async () => {
  node.publish();
  expect((await node.accept()).code).toBe(0);
  const before = node.read(ACCEPTED);
  node.publish({ stack: "services: { web: { image: 'caddy:2' } }", document: { id: "two" } });
  expect((await node.accept()).code).toBe(78);
  expect(node.read(ACCEPTED)).toBe(before);
});

const at = (day: number, id = `day-${day}`) => ({ id, created: `2026-05-${String(day).padStart(2, "0")}T10:00:00Z` });
const PROD = { environments: ["prod"] };

async function accepts(document: Parameters<ReleaseNode["publish"]>[0] & object): Promise<string> {
  node.publish(document);
  const { code, told } = await node.accept();
  return code === 0 ? "accepted" : `${code} ${told}`;
}

test("a document of another environment is refused by name, and one that is for none as well", async () => {
  expect(await accepts({ document: { ...at(1), environments: ["dev", "preprod"] } })).toMatch(
    /^78 [^]*this node is of prod, and the document names dev, preprod/,
  );
  expect(await accepts({ document: { ...at(1), environments: [] } })).toMatch(/^78 [^]*not an order/);
  expect(await accepts({ document: { ...at(1), environments: ["dev", "prod"] } })).toBe("accepted");
});

test("an older document is a downgrade, but for the one the node ran before; the way forward stays open", async () => {
  for (const day of [1, 2, 3]) expect(await accepts({ document: { ...at(day), ...PROD } })).toBe("accepted");
  expect(await accepts({ document: { ...at(1), ...PROD } })).toMatch(/^78 [^]*a downgrade or a replay/);
  expect(await accepts({ document: { ...at(2), ...PROD } }), "rollback").toBe("accepted");
  expect(await accepts({ document: { ...at(2), ...PROD } }), "the next boot").toBe("accepted");
  // The node has seen the third: what lies between is as old as the first.
  expect(await accepts({ document: { ...at(1), ...PROD } })).toMatch(/^78 /);
  expect(await accepts({ document: { ...at(3), ...PROD } }), "forward again").toBe("accepted");
});

const hence = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test("a document of the far future is not taken, and so does not lock out those of today", async () => {
  expect(await accepts({ document: { ...at(1), ...PROD } })).toBe("accepted");
  for (const issued of ["9999-12-31T23:59:59Z", hence(25)])
    expect(await accepts({ document: { ...at(2), ...PROD, issued } })).toMatch(
      /^75 [^]*is not for now[^]*the clock of this machine says/,
    );
  expect(await accepts({ document: { ...at(3), created: "9999-12-31T23:59:59Z" } })).toMatch(/^78 [^]*no environment/);
  expect(await accepts({ document: { ...at(4), ...PROD, issued: hence(23) } })).toBe("accepted");
  expect(await accepts({ document: { ...at(5), ...PROD, issued: hence(23.1) } })).toBe("accepted");
});

test("a machine whose clock stands years back runs on what it ran", async () => {
  node.write("var/lib/greenleaf/releases.txt", "day-7\nday-6\n");
  const issued = "2999-01-01T00:00:00Z";
  for (const id of ["day-6", "day-7"])
    expect(await accepts({ document: { ...at(7, id), ...PROD, issued } }), id).toBe("accepted");
  expect(await accepts({ document: { ...at(8), ...PROD, issued } })).toMatch(/^75 /);
});

test("an old release that is issued anew is no replay: whoever rolls back signs it", async () => {
  for (const day of [1, 2, 3]) expect(await accepts({ document: { ...at(day), ...PROD } })).toBe("accepted");
  const issued = { ...at(1), ...PROD, issued: "2026-05-04T10:00:00Z" };
  expect(await accepts({ document: issued })).toBe("accepted");
  expect(await accepts({ document: { ...at(3, "between"), ...PROD } })).toMatch(/^78 [^]*accepted one of 2026-05-04/);
});

test("a document of before 0.2 is accepted until the node has accepted one that names its environment", async () => {
  expect(await accepts({ document: at(1) })).toBe("accepted");
  expect(await accepts({ document: at(2) })).toBe("accepted");
  expect(await accepts({ document: { ...at(3), ...PROD } })).toBe("accepted");
  expect(await accepts({ document: at(4) })).toMatch(/^78 [^]*names no environment/);
  expect(await accepts({ document: at(2) }), "the release before").toBe("accepted");
});

test("what a node of before 0.2 left behind is its mark", async () => {
  expect(await accepts({ document: at(5) })).toBe("accepted");
  rmSync(join(node.root, "var/lib/greenleaf/release-mark.json"));
  expect(await accepts({ document: at(5) })).toBe("accepted");
  rmSync(join(node.root, "var/lib/greenleaf/release-mark.json"));
  expect(await accepts({ document: at(4) })).toMatch(/^78 [^]*downgrade/);
});

test("a refused document changes nothing of what the node remembers", async () => {
  expect(await accepts({ document: { ...at(2), ...PROD } })).toBe("accepted");
  const files = [ACCEPTED, "var/lib/greenleaf/release-mark.json", "var/lib/greenleaf/releases.txt"];
  const before = files.map((path) => node.read(path));
  expect(await accepts({ document: { ...at(9), environments: ["dev"] } })).toMatch(/^78 /);
  expect(await accepts({ document: { ...at(1), ...PROD } })).toMatch(/^78 /);
  expect(files.map((path) => node.read(path))).toEqual(before);
});

test("a boot may take its release from another place this once, signed and in order as ever", async () => {
  for (const day of [1, 2]) expect(await accepts({ document: { ...at(day), ...PROD } })).toBe("accepted");
  const known = node.read("release.json");
  node.publish({ document: { ...at(3), ...PROD } });
  node.write("canary.json", node.read("release.json"));
  node.write("release.json", known);
  const place = `file://${node.root}/canary.json`;
  expect((await node.accept("apply", place)).code).toBe(0);
  expect(JSON.parse(node.read(ACCEPTED))).toMatchObject({ id: "day-3" });
  expect((await node.accept()).code, "the next boot, back").toBe(0);
  expect(JSON.parse(node.read(ACCEPTED))).toMatchObject({ id: "day-2" });
  node.publish({ document: { ...at(1), ...PROD } });
  node.write("canary.json", node.read("release.json"));
  expect((await node.accept("apply", place)).told).toMatch(
    /canary.json is not for this node[^]*a downgrade or a replay/,
  );
});

test("while a key is rotated both are accepted; then the old one is revoked, and its releases are refused", async () => {
  const next = newKeys();
  const document = (day: number) => ({ document: { ...at(day), ...PROD } });
  expect(await accepts({ ...document(1), key: next.privateKey })).toMatch(/^78 [^]*is not signed by the key/);
  node.write("etc/greenleaf/release.pub", `${node.keys.publicKey}${next.publicKey}`);
  expect(await accepts(document(1))).toBe("accepted");
  expect(await accepts({ ...document(2), key: next.privateKey })).toBe("accepted");
  const old = fingerprintOf(createPublicKey(node.keys.publicKey));
  node.write("etc/greenleaf/release.revoked", `# stolen\n${old}  # of 2026\n`);
  expect(await accepts(document(3))).toMatch(/^78 [^]*signed by a key that was revoked/);
  expect(await accepts({ ...document(3), key: next.privateKey })).toBe("accepted");
});

test("a list of keys or of revoked keys that cannot be read trusts nobody", async () => {
  const cut = node.keys.publicKey.slice(0, 60);
  for (const keys of [`${node.keys.publicKey}${cut}`, "", "hello\n"]) {
    node.write("etc/greenleaf/release.pub", keys);
    expect(await accepts({}), keys).toMatch(/^78 [^]*is not an Ed25519 public key/);
  }
  node.write("etc/greenleaf/release.pub", node.keys.publicKey);
  node.write("etc/greenleaf/release.revoked", "the old one\n");
  expect(await accepts({})).toMatch(/^78 [^]*line 1 of the revoked keys/);
});
