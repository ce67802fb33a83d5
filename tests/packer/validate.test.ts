import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stagePacker } from "../../scripts/ami/stage.ts";
import { packerMissing } from "./build-machine.ts";

const missing = packerMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const CASES = ["debian-13", "amazon-linux-2023"].flatMap((system) =>
  ["app", "router"].flatMap((role) => ["amazon-ebs", "docker"].map((builder) => [system, role, builder] as const)),
);

describe.skipIf(missing !== undefined)(`packer reads${why}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "greenleaf-validate-"));
    await stagePacker(join(folder, "packer"), "1.6.6");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(CASES)("%s, %s, %s", (system, role, builder) => {
    const variables = [`archive=${folder}`, `out=${folder}`, "version=0.1.0"].flatMap((text) => ["-var", text]);
    const file = `-var-file=${folder}/packer/${system}.pkrvars.hcl`;
    const args = ["validate", `-only=${builder}.${role}`, file, ...variables, join(folder, "packer")];
    const { status, stdout, stderr } = spawnSync("packer", args, {
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stderr: "" });
  });
});
