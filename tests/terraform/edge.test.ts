import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openWorkspace, type Ran, type Workspace } from "../../scripts/fleet/terraform.ts";
import { PROVIDER_VERSION, type Recorded, schemaFromNpm, usedTypes } from "./cloudflare/npm-package.ts";
import { missing, requireTools } from "./fleet.ts";

const RECORDED = join(import.meta.dirname, "golden", "cloudflare-schema.json");
const PROGRAM = join(import.meta.dirname, "cloudflare", "provider-child.ts");
const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
const withTerraform = test.skipIf(missing !== undefined);

/** A folder of providers in which Cloudflare's is our program with the recorded schema. */
async function mirror(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-mirror-"));
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const name = `terraform-provider-cloudflare_v${PROVIDER_VERSION}`;
  const file = join(folder, "registry.terraform.io/cloudflare/cloudflare", PROVIDER_VERSION, platform, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "${RECORDED}"\n`);
  await chmod(file, 0o755);
  return folder;
}

async function inEdge<T>(use: (workspace: Workspace) => Promise<T>): Promise<T> {
  const folder = await mirror();
  // go-plugin would otherwise ask the provider for a certificate.
  const env = { TF_DISABLE_PLUGIN_TLS: "1" };
  const workspace = await openWorkspace(requireTools(), { mirrors: [folder], env, root: "edge" });
  try {
    await workspace.init();
    return await use(workspace);
  } finally {
    await workspace.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const failures = ({ stdout, stderr }: Ran): string => `${stdout}${stderr}`;

const fresh = await schemaFromNpm();
test.skipIf(fresh === undefined)(
  `the recorded schema is what npm's package says${fresh ? "" : " (skipped: npm's registry does not answer)"}`,
  async () => {
    if (process.env.UPDATE_RECORDED === "1") await writeFile(RECORDED, `${JSON.stringify(fresh, null, 1)}\n`);
    expect(JSON.parse(await readFile(RECORDED, "utf8"))).toEqual(fresh);
  },
);

test("every resource of Cloudflare's that the edge names is in the recorded schema", async () => {
  const { resources } = JSON.parse(await readFile(RECORDED, "utf8")) as Recorded;
  expect(Object.keys(resources)).toEqual((await usedTypes()).map((type) => `cloudflare_${type}`));
  expect(Object.keys(resources).length).toBeGreaterThanOrEqual(11);
});

withTerraform(`the edge is valid by Cloudflare's schema, and its own tests pass on mocks${skipped}`, async () => {
  await inEdge(async (workspace) => {
    const valid = await workspace.run(["validate", "-no-color"]);
    expect([valid.code, failures(valid)]).toEqual([0, expect.stringContaining("The configuration is valid")]);
    const tested = await workspace.run(["test", "-no-color", "-var-file=edge.tfvars"]);
    expect([tested.code, failures(tested)]).toEqual([0, expect.stringMatching(/\b[89] passed, 0 failed/)]);
  });
});

/** Wrong edits of the edge, each with what must say so: the schema, or a test of the edge's own. */
const WRONG: ReadonlyArray<readonly [file: string, from: string, to: string, says: string]> = [
  ["zone.tf", "setting_id = each.key", "setting = each.key", 'An argument named "setting" is not expected here'],
  ["environments.tf", "proxied = true", "proxied = false", "Every shop is a proxied name"],
  ["zone.tf", '"strict"', '"flexible"', "TLS is strict"],
  ["zone.tf", "lower(http.request.uri.path)", "http.request.uri.path", "No rule reads a path"],
  ["zone.tf", "and ${local.logins}", 'and http.request.method eq \\"POST\\"', "Pro's rate limits read"],
  ["environments.tf", "enabled     = false", "enabled     = true", "No bucket answers"],
  [
    "environments.tf",
    "com.cloudflare.edge.r2.bucket.${var.zone.account_id}_default_${",
    "com.cloudflare.api.account.${",
    "A token writes the two buckets",
  ],
];

withTerraform(`wrong edits of the edge are noticed${skipped}`, async () => {
  await inEdge(async (workspace) => {
    for (const [file, from, to, says] of WRONG) {
      const path = join(workspace.folder, file);
      const text = await readFile(path, "utf8");
      const pattern = new RegExp(from.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/ +/g, " +"), "g");
      expect(text).toMatch(pattern);
      await writeFile(
        path,
        text.replaceAll(pattern, () => to),
      );
      const tested = await workspace.run(["test", "-no-color", "-var-file=edge.tfvars"]);
      expect([tested.code, failures(tested)]).toEqual([1, expect.stringContaining(says)]);
      await writeFile(path, text);
    }
  });
});
