import { expect, test } from "vitest";
import { stackFrom } from "../../../../tests/support/stack-from.ts";
import { placeMounts } from "./placed-mounts.ts";

const stackOf = (id: string) =>
  stackFrom({
    services: {
      web: {
        image: "x",
        volumes: [
          { type: "bind", source: `/r/${id}/caddy`, target: "/etc/caddy", read_only: true },
          { type: "bind", source: `/r/${id}/env/one.env`, target: "/one.env", read_only: true },
          { type: "bind", source: "/run/agent", target: "/run/agent", read_only: true },
        ],
      },
    },
  });
const FILES = { "caddy/Caddyfile": "c1", "caddy/sub/x": "x1", "env/one.env": "e1", "docker-compose.yml": "d1" };
const digest = (text: string) => `[${text}]`;
const placed = (id: string, files: Readonly<Record<string, string>> = FILES) =>
  placeMounts(stackOf(id), { release: `/r/${id}`, mounts: "/m", contents: new Map(Object.entries(files)), digest });
const sources = (id: string, files?: Readonly<Record<string, string>>) =>
  placed(id, files).stack.services[0]?.mounts.map(({ source }) => source);

test("what a release mounts lies where its content says, whichever release brings it", () => {
  expect(sources("two")).toEqual(sources("one"));
  expect(sources("one")?.[2]).toBe("/run/agent");
  expect(sources("one", { ...FILES, "docker-compose.yml": "d2", "env/other.env": "o" })).toEqual(sources("one"));
  const changed = sources("one", { ...FILES, "caddy/sub/x": "x2" });
  expect(changed?.[0]).not.toBe(sources("one")?.[0]);
  expect(changed?.[1]).toBe(sources("one")?.[1]);
});

test("a folder is placed with all below it, a file under its own name, and what the release lacks stays as it is", () => {
  expect(placed("one").placed.map(({ files }) => Object.fromEntries(files))).toEqual([
    { "caddy/Caddyfile": "Caddyfile", "caddy/sub/x": "sub/x" },
    { "env/one.env": "one.env" },
  ]);
  expect(sources("one")?.[1]).toMatch(/\/one\.env$/);
  expect(sources("one", {})?.[0]).toBe("/r/one/caddy");
});
