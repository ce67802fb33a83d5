import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isSignedBytes } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { SIGNING_KEY, TRUSTED_KEYS } from "../../scripts/bootstrap/parameters.ts";
import { newKeys } from "../support/release-node.ts";

/** Parameter Store in a folder, and a node that Session Manager reaches. */
const AWS = `#!/bin/sh
set -eu
verb=$2 name= value= parameters=
shift 2
while [ $# -gt 0 ]; do
  case $1 in --name) name=$2 ;; --value) value=$2 ;; --parameters) parameters=$2 ;; esac
  shift
done
place=$STORE/$(printf %s "$name" | tr / _)
case $verb in
  get-parameter) cat "$place" ;;
  put-parameter) [ -n "$value" ] && printf '%s\\n' "$value" >"$place" ;;
  send-command)
    command=$(sed -n 's/^{"commands": \\["\\(.*\\)"\\]}$/\\1/p' "\${parameters#file://}")
    [ -n "$command" ] && printf %s "$command" | sed "s|/etc/greenleaf|$NODE|g" | sh ;;
esac
`;

const page = readFileSync(join(import.meta.dirname, "../../docs/runbook-keys.md"), "utf8");
const steps = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, commands]) => commands ?? "");
const old = newKeys();
let folder: string;

const at = (...path: string[]): string => join(folder, ...path);
const stored = (name: string): string => readFileSync(at("store", name.replaceAll("/", "_")), "utf8");
const onNode = (name: string): string => {
  try {
    return readFileSync(at("node", name), "utf8");
  } catch {
    return "";
  }
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-keys-"));
  for (const name of ["store", "node", "bin", "work/scripts"]) mkdirSync(at(name), { recursive: true });
  const program = (path: string, text: string) => {
    writeFileSync(at(path), text);
    chmodSync(at(path), 0o755);
  };
  program("bin/aws", AWS);
  program("work/scripts/bootstrap.sh", "#!/bin/sh\necho run >>../bootstrapped\n");
  writeFileSync(at("store", SIGNING_KEY.replaceAll("/", "_")), old.privateKey);
  writeFileSync(at("node/release.pub"), old.publicKey);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(step: number): void {
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, STORE: at("store"), NODE: at("node") };
  const ran = spawnSync("sh", ["-eu", "-c", steps[step] ?? "exit 9"], { cwd: at("work"), env, encoding: "utf8" });
  expect({ status: ran.status, stderr: ran.status === 0 ? "" : ran.stderr }).toEqual({ status: 0, stderr: "" });
}

/** Whether the node trusts a signature of the account's present key, and of the old one. */
const trusts = () => {
  const trusted = { keys: onNode("release.pub"), revoked: onNode("release.revoked") };
  const bytes = Buffer.from("a release");
  const isTrusted = (key: string) => isSignedBytes(bytes, sign(null, bytes, createPrivateKey(key)), trusted);
  return { present: isTrusted(stored(SIGNING_KEY)), old: isTrusted(old.privateKey) };
};

test("the page's commands make a key, have both trusted, sign with the new one and revoke the old one", () => {
  expect(steps).toHaveLength(4);
  run(0);
  expect(readFileSync(at("work/old.key"), "utf8").trim()).toBe(old.privateKey.trim());
  run(1);
  expect(stored(TRUSTED_KEYS)).toBe(readFileSync(at("work/next.pub"), "utf8"));
  expect(trusts()).toEqual({ present: true, old: true });
  run(2);
  expect(stored(SIGNING_KEY)).not.toBe(old.privateKey);
  expect(createPublicKey(stored(TRUSTED_KEYS)).equals(createPublicKey(old.publicKey))).toBe(true);
  expect(trusts()).toEqual({ present: true, old: true });
  run(3);
  expect(trusts()).toEqual({ present: true, old: false });
  expect(stored(TRUSTED_KEYS)).not.toContain(old.publicKey.split("\n")[1]);
  expect(readFileSync(at("bootstrapped"), "utf8")).toBe("run\n".repeat(3));
});
