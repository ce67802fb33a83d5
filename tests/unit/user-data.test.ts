import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNodeDocument } from "../../node-agent/src/core/node-document.ts";
import { AGENT_VERSION } from "../../node-agent/src/core/version.ts";
import { ENVIRONMENTS, recorded } from "../../scripts/fleet/plans.ts";
import { ofType, text } from "../../scripts/fleet/resource.ts";
import { renderUserData } from "../support/user-data.ts";
import { heredoc } from "../terraform/user-data.ts";

const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
const skipped = shellcheck ? "" : " (skipped: needs shellcheck: apt-get install shellcheck)";

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
    public_key: `-----BEGIN PUBLIC KEY-----\n${"A".repeat(60)}\n-----END PUBLIC KEY-----`,
    region: "eu-west-3",
    artifacts: "https://greenleaf-artifacts-000000000000.s3.eu-west-3.amazonaws.com",
    imds: "http://169.254.169.254",
  }),
}));

test("there are app nodes and routers to look at", () => {
  expect(scripts.length).toBeGreaterThanOrEqual(6);
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
