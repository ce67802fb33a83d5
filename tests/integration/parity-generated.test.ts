import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { hasCompose } from "../support/has-compose.ts";
import { prefixReaper } from "../support/reaper.ts";
import { createOnly, readVariables } from "./agent-engine.ts";
import { busyboxImage } from "./busybox-image.ts";
import { compose, describeProject, removeProject } from "./compose-oracle.ts";
import { generatedForms } from "./generated-forms.ts";

const STACKS = 24;
const SERVICES = 10;
// Not below parity.test.ts's prefix, whose reaper takes all of it away while this suite still runs.
const project = `gl-forms-${process.pid}`;

const reaper = prefixReaper(project);

describe.runIf(hasCompose)(`${STACKS * SERVICES} generated services are the same as those of docker compose`, () => {
  let folder = "";
  beforeAll(async () => {
    busyboxImage();
    await removeProject(project);
    folder = mkdtempSync(join(tmpdir(), "greenleaf-parity-"));
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "a.env"), "FILE_A=1\nSHARED='a b'\n");
    writeFileSync(join(folder, "b.env"), 'SHARED="${FILE_A}b" # c\nexport B=2\n');
    writeFileSync(join(folder, "variables.env"), "SET=a value\n");
  });
  afterAll(async () => {
    await removeProject(project);
    await reaper.finish();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(Array.from({ length: STACKS }, (_, index) => index + 1))("stack %i", async (seed) => {
    const file = join(folder, "docker-compose.yml");
    const variables = join(folder, "variables.env");
    const stack = generatedForms(seed, SERVICES, "greenleaf-test/busybox:1");
    writeFileSync(file, stringify(stack, { aliasDuplicateObjects: false }));
    try {
      await compose({ file, project, variables }, "up", "--no-start");
      const theirs = await describeProject(project);
      await removeProject(project);
      expect(Object.keys(theirs["containers"] as object)).toHaveLength(SERVICES);
      await createOnly({ file, project, variables: readVariables(variables) });
      expect(await describeProject(project)).toEqual(theirs);
    } finally {
      await removeProject(project);
    }
  });
});
