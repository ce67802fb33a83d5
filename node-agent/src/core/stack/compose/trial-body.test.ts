import { expect, test } from "vitest";
import type { ContainerBody } from "./container-body.ts";
import { programPlaces } from "./trial-body.ts";

const places = (own: { Cmd?: string[]; Entrypoint?: string[]; Env?: string[] }, entrypoint: string[] = []) => {
  const body: ContainerBody = {
    Image: "x",
    Env: [],
    Labels: {},
    HostConfig: {},
    NetworkingConfig: { EndpointsConfig: {} },
    ...own,
  };
  return programPlaces(body, { entrypoint, path: "/usr/bin:/bin" });
};

test("the program of the file is looked for where the engine looks for it", () => {
  expect(places({ Cmd: ["/a", "b"] })).toEqual(["/a"]);
  expect(places({ Cmd: ["a"] })).toEqual(["/usr/bin/a", "/bin/a"]);
  expect(places({ Cmd: ["a"], Env: ["PATH=/own"] })).toEqual(["/own/a"]);
  expect(places({ Entrypoint: ["/e"], Cmd: ["a"] }, ["/init"])).toEqual(["/e"]);
  expect(places({ Entrypoint: [], Cmd: ["/a"] }, ["/init"])).toEqual(["/a"]);
});

test("what the image itself starts, and what cannot be told from outside, is not looked for", () => {
  expect(places({})).toEqual([]);
  expect(places({ Cmd: ["/a"] }, ["/init"])).toEqual([]);
  expect(places({ Cmd: ["./a"] })).toEqual([]);
  expect(places({ Cmd: ["a"], Env: ["PATH=bin:/bin"] })).toEqual([]);
});
