import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describedStack } from "../../node-agent/src/phases/stack/stack-input.ts";
import { hasCompose, noCompose } from "../support/has-compose.ts";
import { prefixReaper, type Reaper } from "../support/reaper.ts";
import { takeTurn } from "../support/turn.ts";
import { createOnly, readStackFile, readVariables, world } from "./agent-engine.ts";
import { busyboxImage } from "./busybox-image.ts";
import { compose, describeProject, docker, PREFIX, removeProject } from "./compose-oracle.ts";

const folder = resolve(import.meta.dirname, "../compose");
const variablesFile = join(folder, "variables.env");
const variables = readVariables(variablesFile);
const namesIn = (kind: string): string[] =>
  readdirSync(join(folder, kind))
    .filter((name) => name.endsWith(".yml"))
    .map((name) => name.slice(0, -".yml".length));
const projectOf = (name: string): string => (name === "name" ? "gl-par-own-name" : `${PREFIX}-${name}`);

async function removeEverything(): Promise<void> {
  for (const name of namesIn("accepted")) await removeProject(projectOf(name));
  await docker
    .getNetwork("bridge-gl-par-external")
    .remove()
    .catch(() => undefined);
  await docker
    .getVolume("gl-par-external")
    .remove()
    .catch(() => undefined);
}

describe.skipIf(!hasCompose)(`containers are the same as those of docker compose${noCompose}`, () => {
  /** For a run that is killed; a run that ends cleans up file by file. */
  let reaper: Reaper | undefined;
  let endTurn: (() => void) | undefined;
  beforeAll(async () => {
    // The files name networks and their ranges: two runs cannot have them at the same time.
    endTurn = await takeTurn("parity");
    reaper = prefixReaper(PREFIX);
    busyboxImage();
    await removeEverything();
    await docker.createNetwork({ Name: "bridge-gl-par-external" });
    await docker.createVolume({ Name: "gl-par-external" });
  });
  afterAll(async () => {
    await removeEverything();
    await reaper?.finish();
    endTurn?.();
  });

  test.each(namesIn("accepted"))("%s", async (name) => {
    const file = join(folder, "accepted", `${name}.yml`);
    const project = projectOf(name);
    const isNamed = /^name:/m.test(readFileSync(file, "utf8"));
    try {
      await compose({ file, project: isNamed ? undefined : project, variables: variablesFile }, "up", "--no-start");
      const theirs = await describeProject(project);
      await removeProject(project);
      expect(theirs.containers).not.toEqual({});
      await createOnly({ file, project, variables });
      expect(await describeProject(project)).toEqual(theirs);
    } finally {
      await removeProject(project);
    }
  });
});

describe.runIf(hasCompose)("what is outside the subset is refused", () => {
  test.each(namesIn("refused"))("%s", async (name) => {
    const file = join(folder, "refused", `${name}.yml`);
    const expected = [...readFileSync(file, "utf8").matchAll(/^# expect (.*)$/gm)].map(([, line]) => line);
    expect(expected).not.toEqual([]);
    const told = await problemsOf(file);
    expect(told.map((problem) => problem.slice(`${name}.yml:`.length))).toEqual(expected);
  });
});

/** Keys of the Compose specification that no stack may use; those it does not know Compose refuses as well. */
const OUTSIDE: ReadonlyArray<readonly [place: readonly string[], keys: string]> = [
  [[], "include secrets configs"],
  [
    ["services", "web"],
    `develop annotations attach build blkio_config cgroup cgroup_parent configs container_name cpu_count cpu_percent
    cpu_quota cpu_period cpu_rt_period cpu_rt_runtime credential_spec device_cgroup_rules devices label_file extends
    external_links gpus ipc isolation links mac_address mem_swappiness network_mode oom_kill_disable pid post_start
    pre_stop privileged runtime scale secrets storage_opt uts userns_mode volumes_from`,
  ],
  [["services", "web", "deploy"], "mode endpoint_mode replicas labels rollback_config restart_policy placement"],
  [["networks", "default"], "enable_ipv4"],
];

describe.runIf(hasCompose)("every key outside the subset is refused by line and column", () => {
  const outside = OUTSIDE.flatMap(([path, keys]) => keys.split(/\s+/).map((key) => ({ path, key })));

  test.each(outside)("$path $key", async ({ path, key }) => {
    const lines = [
      ...path.map((name, depth) => `${"  ".repeat(depth)}${name}:`),
      `${"  ".repeat(path.length)}${key}: {}`,
    ];
    const text = [...lines, ...(path[0] === "services" ? [] : ["services:", "  web:"]), "    image: x"].join("\n");
    const at = `docker-compose.yml:${path.length + 1}:${path.length * 2 + 1}`;
    const file = "/x/docker-compose.yml";
    const problems = await problemsIn(() =>
      describedStack(world, { file, text, project: "gl", variables: () => undefined }),
    );
    expect(problems.find((problem) => problem.startsWith(`${at}: `))).toContain(
      `${[...path, key].join(".")}: is not supported`,
    );
  });
});

const problemsOf = (file: string): Promise<readonly string[]> =>
  problemsIn(() => readStackFile({ file, project: "gl-par-refused", variables }));

async function problemsIn(read: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await read();
    return [];
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 78 });
    return (error as { problems: readonly string[] }).problems;
  }
}
