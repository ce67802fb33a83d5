import { expect, test } from "vitest";
import type { ImageConfig } from "./image-archive.ts";
import { normaliseConfig } from "./normalise.ts";

const config: ImageConfig = {
  os: "linux",
  architecture: "amd64",
  docker_version: "20.10.24",
  container: "f00d",
  container_config: { Hostname: "f00d" },
  created: "2026-11-22T18:28:08.121512935Z",
  config: {
    User: "10001:10001",
    Hostname: "f00d",
    Image: "sha256:1",
    ArgsEscaped: true,
    OnBuild: null,
    Labels: { b: "2", a: "1" },
    Env: ["B=2", "A=1"],
  },
  history: [
    { created: "2026-11-22T18:28:08Z", created_by: "RUN x" },
    { empty_layer: true, created_by: "ENV B=2" },
  ],
  rootfs: { type: "layers", diff_ids: ["sha256:old"] },
};

test("what only the engine or the moment decided is fixed or gone; what a container needs stays", () => {
  const text = JSON.stringify(normaliseConfig(config, { epoch: 1_735_689_600, diffIds: ["sha256:new"] }));
  expect(text).not.toMatch(/f00d|20\.10\.24|2026-|ArgsEscaped|OnBuild|sha256:old|sha256:1/);
  expect(JSON.parse(text)).toEqual({
    architecture: "amd64",
    os: "linux",
    created: "2025-01-01T00:00:00Z",
    config: { User: "10001:10001", Labels: { a: "1", b: "2" }, Env: ["B=2", "A=1"] },
    history: [
      { created: "2025-01-01T00:00:00Z", created_by: "RUN x" },
      { created: "2025-01-01T00:00:00Z", created_by: "ENV B=2", empty_layer: true },
    ],
    rootfs: { type: "layers", diff_ids: ["sha256:new"] },
  });
});

test("the order in which the engine wrote its keys does not show", () => {
  const other: ImageConfig = {
    ...config,
    config: Object.fromEntries(Object.entries({ ...config.config, Labels: { a: "1", b: "2" } }).toReversed()),
  };
  const facts = { epoch: 1, diffIds: [] };
  expect(JSON.stringify(normaliseConfig(other, facts))).toBe(JSON.stringify(normaliseConfig(config, facts)));
});
