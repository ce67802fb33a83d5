import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadStack } from "../../node-agent/src/core/compose/load-stack.ts";
import { type Rule, SERVICE, SUBSET } from "../../node-agent/src/core/compose/subset.ts";
import { prefixReaper } from "../support/reaper.ts";
import { createOnly, readStackFile, readVariables } from "./agent-engine.ts";
import { busyboxImage } from "./busybox-image.ts";
import { compose, describeProject, docker, hasCompose, PREFIX, removeProject } from "./compose-oracle.ts";

const folder = resolve(import.meta.dirname, "../compose");
const variablesFile = join(folder, "variables.env");
const variables = readVariables(variablesFile);
const namesIn = (kind: string): string[] =>
  readdirSync(join(folder, kind))
    .filter((name) => name.endsWith(".yml"))
    .map((name) => name.slice(0, -".yml".length));
const projectOf = (name: string): string => (name === "name" ? "gl-par-own-name" : `${PREFIX}-${name}`);

/** For a run that is killed; a run that ends cleans up file by file. */
const reaper = prefixReaper(`${PREFIX}-`);

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

describe.runIf(hasCompose)("containers are the same as those of docker compose", () => {
  beforeAll(async () => {
    busyboxImage();
    await removeEverything();
    await docker.createNetwork({ Name: "bridge-gl-par-external" });
    await docker.createVolume({ Name: "gl-par-external" });
  });
  afterAll(async () => {
    await removeEverything();
    await reaper.finish();
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

describe("what is outside the subset is refused", () => {
  test.each(namesIn("refused"))("%s", (name) => {
    const file = join(folder, "refused", `${name}.yml`);
    const expected = [...readFileSync(file, "utf8").matchAll(/^# expect (.*)$/gm)].map(([, line]) => line);
    expect(expected).not.toEqual([]);
    const told = problemsOf(file);
    expect(told.map((problem) => problem.slice(`${name}.yml:`.length))).toEqual(expected);
  });
});

describe("every key of the Compose specification is either in the subset or refused by line and column", () => {
  const schema = JSON.parse(readFileSync(resolve(folder, "../../compose/compose-spec.json"), "utf8")) as Schema;
  const { properties, definitions } = schema;
  const places: Array<[string, readonly string[], Rule | undefined, Record<string, unknown>]> = [
    ["top level", [], SUBSET, properties],
    ["service", ["services", "web"], SERVICE, definitions.service.properties],
    ["healthcheck", ["services", "web", "healthcheck"], SERVICE.keys?.healthcheck, definitions.healthcheck.properties],
    ["deploy", ["services", "web", "deploy"], SERVICE.keys?.deploy, definitions.deployment.properties],
    ["network", ["networks", "default"], SUBSET.keys?.networks?.values, definitions.network.properties],
    ["volume", ["volumes", "data"], SUBSET.keys?.volumes?.values, definitions.volume.properties],
  ];
  const outside = places.flatMap(([place, path, rule, keys]) =>
    Object.keys(keys)
      .filter((key) => !Object.hasOwn(rule?.keys ?? {}, key))
      .map((key) => ({ place, path, key })),
  );

  test("there are such keys", () => expect(outside.length).toBeGreaterThan(50));

  test.each(outside)("$place: $key", ({ path, key }) => {
    const lines = [
      ...path.map((name, depth) => `${"  ".repeat(depth)}${name}:`),
      `${"  ".repeat(path.length)}${key}: {}`,
    ];
    const text = [...lines, ...(path[0] === "services" ? [] : ["services:", "  web:"]), "    image: x"].join("\n");
    const file = path[0] === "services" && path.length > 2 ? text.replace("    image: x", "") : text;
    const at = `docker-compose.yml:${path.length + 1}:${path.length * 2 + 1}`;
    const problems = problemsIn(() =>
      loadStack({ text: file, path: "/x/docker-compose.yml", project: "gl", variables: () => undefined }),
    );
    expect(problems.find((problem) => problem.startsWith(`${at}: `))).toContain(
      `${[...path, key].join(".")}: is not supported`,
    );
  });
});

interface Schema {
  properties: Record<string, unknown>;
  definitions: Record<string, { properties: Record<string, unknown> }> &
    Record<"service" | "healthcheck" | "deployment" | "network" | "volume", { properties: Record<string, unknown> }>;
}

const problemsOf = (file: string): readonly string[] =>
  problemsIn(() => readStackFile({ file, project: "gl-par-refused", variables }));

function problemsIn(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 78 });
    return (error as { problems: readonly string[] }).problems;
  }
}
