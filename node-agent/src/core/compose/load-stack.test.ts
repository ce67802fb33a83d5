import { expect, test } from "vitest";
import { containerSpec } from "./container-body.ts";
import { resolveEnvironments } from "./environment.ts";
import { loadStack } from "./load-stack.ts";
import type { Stack } from "./stack.ts";

const load = (text: string, variables: Record<string, string> = {}): Stack =>
  loadStack({ text, path: "/srv/shop/docker-compose.yml", project: "shop", variables: (name) => variables[name] });

const digest = (text: string): string => `${text.length}`.padStart(64, "0");
const hashOf = (text: string, imageId?: string, environment = new Map([["A", "1"]])): string => {
  const stack = load(text);
  return containerSpec(stack, stack.services[0]!, { imageId, environment, digest: (hashed) => hashed }).hash;
};

test("what a file leaves out is what compose would make of it", () => {
  const stack = load("services: { web: { image: x, volumes: ['./a/../b:/c'] } }\nvolumes: { unused: {} }");
  expect(stack).toMatchObject({ project: "shop", folder: "/srv/shop", volumes: [] });
  expect(stack.networks.map(({ key, name }) => [key, name])).toEqual([["default", "shop_default"]]);
  expect(stack.services[0]?.mounts[0]).toMatchObject({ type: "bind", source: "/srv/shop/b", target: "/c" });
  expect(containerSpec(stack, stack.services[0]!, { imageId: "i", environment: new Map(), digest }).name).toBe(
    "shop-web-1",
  );
});

test("services of a profile come with its variable", () => {
  const text = "services: { web: { image: x }, debug: { image: x, profiles: [debug] } }";
  expect(load(text).services.map(({ name }) => name)).toEqual(["web"]);
  expect(load(text, { COMPOSE_PROFILES: "a,debug" }).services.map(({ name }) => name)).toEqual(["debug", "web"]);
});

test("the hash changes with the image of a tag and the environment, not with where the file lies", () => {
  const tag = "services: { web: { image: x } }";
  const pinned = `services: { web: { image: "r@sha256:${"0".repeat(64)}" } }`;
  expect(hashOf(tag, "sha256:a")).not.toBe(hashOf(tag, "sha256:b"));
  expect(hashOf(pinned, "sha256:a")).toBe(hashOf(pinned));
  expect(hashOf(tag, "sha256:a")).not.toBe(hashOf(tag, "sha256:a", new Map([["A", "2"]])));
  expect(hashOf(tag, "sha256:a")).not.toContain("/srv/shop");
});

test("no label of a container holds a value of its environment", () => {
  const stack = load("services: { web: { image: x } }");
  const environment = new Map([["TOKEN", "hunter2"]]);
  const { body } = containerSpec(stack, stack.services[0]!, { imageId: "i", environment, digest });
  expect(JSON.stringify(body.Labels)).not.toContain("hunter2");
});

test("env files are read in order, environment wins, and a missing one is told by its path", () => {
  const stack = load("services: { web: { image: x, env_file: [a.env, b.env], environment: { C: '3', GIVEN: } } }");
  const contents = new Map([
    ["/srv/shop/a.env", "A=1\nB=1\n"],
    ["/srv/shop/b.env", "B=${A}2\nC=2\n"],
  ]);
  const variables = (name: string) => (name === "GIVEN" ? "given" : undefined);
  const environment = resolveEnvironments(stack, contents, variables).get("web");
  expect(Object.fromEntries(environment!)).toEqual({ A: "1", B: "12", C: "3", GIVEN: "given" });
  expect(() => resolveEnvironments(stack, new Map(), variables)).toThrow(
    "the env files of /srv/shop/docker-compose.yml",
  );
});
