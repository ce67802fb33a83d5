import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprintOf } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { parseNodeDocument } from "../../node-agent/src/core/config/node-document.ts";
import { ENVIRONMENTS, recorded } from "../../scripts/fleet/plans.ts";
import { ofType, text } from "../../scripts/fleet/resource.ts";
import { newKeys } from "../support/release-node.ts";
import { renderUserData } from "../support/user-data.ts";
import { heredoc } from "../terraform/user-data.ts";

const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
const skipped = shellcheck ? "" : " (skipped: needs shellcheck: apt-get install shellcheck)";

/** Two, as while one is rotated; the first must do as well where it is alone. */
const KEYS = ["A", "B"]
  .map((letter) => `-----BEGIN PUBLIC KEY-----\n${letter.repeat(60)}\n-----END PUBLIC KEY-----`)
  .join("\n")
  .replaceAll("\n", "\\n");

/** The documents of every role and environment, as Terraform planned them. */
const documents = (
  await Promise.all(
    ENVIRONMENTS.map(async (environment) =>
      ofType((await recorded(environment, "test")).resources, "aws_launch_template").map(({ address, values }) => {
        const script = Buffer.from(text(values.user_data), "base64").toString("utf8");
        return { name: `${environment} ${address}`, document: heredoc(script, "NODE") };
      }),
    ),
  )
).flat();

const scripts = documents.map(({ name, document }) => ({
  name,
  script: renderUserData({
    node: parseNodeDocument(document, name),
    agent: AGENT_VERSION,
    public_key: KEYS,
    region: "eu-west-3",
    artifacts: "https://greenleaf-artifacts-000000000000.s3.eu-west-3.amazonaws.com",
    imds: "http://169.254.169.254",
  }),
}));

test("there are app nodes and routers to look at", () => {
  expect(scripts.length).toBeGreaterThanOrEqual(6);
});

// S3 refuses a signature without it, and not every curl brings it.
test.each(scripts)("$name: what is fetched from S3 is signed with the payload's header", ({ script }) => {
  expect(script).toMatch(
    /header = "x-amz-content-sha256: UNSIGNED-PAYLOAD"[^|]+\|\n\s+curl .*--aws-sigv4 aws:amz:[a-z0-9-]+:s3/,
  );
});

test.each(scripts)("$name: at most 4,096 bytes and 40 lines", ({ script }) => {
  expect(Buffer.byteLength(script)).toBeLessThanOrEqual(4096);
  expect(script.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
});

test.each(scripts)("$name: no secret, and no word that names one", ({ script }) => {
  expect(script).not.toMatch(/AKIA|ASIA|password|PRIVATE KEY|jwt|api_key/i);
});

test.skipIf(!shellcheck).each(scripts)(`$name: clean for shellcheck${skipped}`, ({ script }) => {
  const { status, stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], { input: script, encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test("user_data asks for this checkout's agent", () => {
  const variables = readFileSync(join(import.meta.dirname, "../../terraform/modules/compute/variables.tf"), "utf8");
  expect(/variable "agent_version" \{[^}]*default\s*=\s*"([^"]+)"/.exec(variables)?.[1]).toBe(AGENT_VERSION);
});

test("an expression of the template that this rendering does not know is an error, not an empty string", () => {
  const values = { node: { role: "app" }, agent: "1", public_key: "", region: "", artifacts: "" } as const;
  expect(() => renderUserData(values as never)).toThrow("${imds} is not known here");
});

test("user_data takes an archive of each trusted key, and none of a revoked one", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-user-data-"));
  try {
    const signed = /^signed\(\) \{[^]*?\n.*return 1; \}$/m.exec(scripts[0]?.script ?? "")?.[0] ?? "";
    expect(signed).toContain("pkeyutl -verify");
    const [old, next, stranger] = [newKeys(), newKeys(), newKeys()];
    const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
    put("SHA256SUMS", "what is signed\n");
    put("release.pub", `${old.publicKey}${next.publicKey}`);
    const script = `set -eu\ncd "$1"\n${signed.replaceAll("/etc/greenleaf", folder)}\nif signed; then exit 0; fi; exit 9`;
    const verdict = (key: string): number | null => {
      put("SHA256SUMS.sig", sign(null, Buffer.from("what is signed\n"), createPrivateKey(key)));
      return spawnSync("sh", ["-c", script, "sh", folder]).status;
    };
    expect([old, next, stranger].map(({ privateKey }) => verdict(privateKey))).toEqual([0, 0, 9]);
    put("release.revoked", `# stolen\n${fingerprintOf(createPublicKey(old.publicKey))}  # of 2026\n`);
    expect([old, next, stranger].map(({ privateKey }) => verdict(privateKey))).toEqual([9, 0, 9]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
