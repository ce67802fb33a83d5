import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { $, which } from "zx";
import { AgentError } from "../../node-agent/src/base/errors.ts";
import { buildImage } from "../../scripts/images/build-image.ts";
import { findImage } from "../../scripts/images/engine.ts";
import { root } from "../../scripts/images/folders.ts";
import { foundationOf, prepareBuild } from "../../scripts/images/prepare-build.ts";
import { removeFolder, sharedFolder } from "./containers.ts";

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  $({
    quiet: true,
    nothrow: true,
    env: { ...process.env, ...env },
  })`${process.execPath} ${join(root, "scripts", "greenleaf.ts")} images ${args}`;

/** What failed, why and what to do, in this order. */
const THREE_LINES = /^error: .+\nwhy: {3}.+\nfix: {3}.+$/m;

describe("images", () => {
  test("says in three lines that no engine answers", async () => {
    const folder = await sharedFolder();
    try {
      const docker = "#!/bin/sh\necho Cannot connect to the Docker daemon. >&2; exit 1\n";
      await writeFile(join(folder, "docker"), docker, { mode: 0o755 });
      const { exitCode, stderr, stdout } = await run([], { PATH: `${folder}:${process.env.PATH}` });
      expect(exitCode).toBe(69);
      expect(stderr).toMatch(THREE_LINES);
      expect(stderr).toContain("the container engine does not answer");
      expect(stdout).toBe("");
    } finally {
      await removeFolder(folder);
    }
  });

  test("asks the engine of this machine, whatever the shell says of others", async () => {
    const elsewhere = { DOCKER_HOST: "tcp://127.0.0.1:1", DOCKER_CONTEXT: "prod", BUILDX_BUILDER: "theirs" };
    const { exitCode, stderr } = await run(["nod"], elsewhere);
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: expect.stringContaining('no image "nod"') });
  });

  test("says in three lines that there is no docker command", async () => {
    const folder = await sharedFolder();
    try {
      await symlink(await which("bash"), join(folder, "bash"));
      const { exitCode, stderr } = await run([], { PATH: folder });
      expect(exitCode).toBe(69);
      expect(stderr).toMatch(THREE_LINES);
      expect(stderr).toContain("there is no docker command on this machine");
    } finally {
      await removeFolder(folder);
    }
  });

  test("refuses an unknown image and an unknown option as usage", async () => {
    const image = await run(["nod"]);
    expect([image.exitCode, image.stderr]).toEqual([64, expect.stringMatching(THREE_LINES)]);
    expect(image.stderr).toContain('there is no image "nod"');
    expect((await run(["--size"])).exitCode).toBe(64);
  });

  test("names the line of the builder that says why a build failed, and leaves no image behind", async () => {
    const { targets, variables } = await prepareBuild();
    const target = targets.find(({ name }) => name === "build");
    if (!target) throw new Error("the bake file has no target build");
    const broken = { ...variables, NODE_VERSION: "0.0.0" };
    const tag = "greenleaf/build:broken";
    const options = { variables: broken, tag, noCache: false, recorded: false, log: () => undefined };
    const failure: unknown = await buildImage(target, { ...(await foundationOf(target)), ...options }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AgentError);
    expect(failure).toMatchObject({
      exitCode: 69,
      message: "the image greenleaf/build could not be built",
      why: expect.stringMatching(/node-linux-\w+-0\.0\.0\.tgz|tar/),
      fix: "see dist/images/build.log, then run: ./greenleaf images build",
    });
    expect(await findImage(tag)).toBeUndefined();
    expect(await findImage(`greenleaf/build:building-${process.pid}`)).toBeUndefined();
  });
});
