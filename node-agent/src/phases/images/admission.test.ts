import { afterEach, beforeEach, expect, test } from "vitest";
import { simulated } from "../../../../tests/support/simulated/world.ts";
import { AgentError } from "../../base/errors.ts";
import { IMAGES_PATH } from "../../base/paths.ts";
import { done, pending } from "../../base/wait.ts";
import type { Boot } from "../phase.ts";
import { admitImages } from "./admission.ts";

const image = (name: string, digit: string) => `registry.example/${name}@sha256:${digit.repeat(64)}`;
const [NEW, OLD, INDEX] = [image("shop", "a"), image("shop", "b"), image("shop", "c")] as const;
const layers = (...all: ReadonlyArray<readonly [string, number]>) =>
  JSON.stringify({ config: { digest: "c", size: 1 }, layers: all.map(([digest, size]) => ({ digest, size })) });

let manifests: Map<string, string>;
let free: string;
let told: string[];
let present: Set<string>;
let kept: readonly string[];

beforeEach(() => {
  manifests = new Map([
    [NEW, layers(["base", 100], ["top", 10])],
    [OLD, layers(["base", 100], ["before", 20])],
  ]);
  free = "Avail\n1000\n";
  told = [];
  present = new Set();
  kept = [];
});
afterEach(() => expect(told.join()).not.toContain("undefined"));

/** The failure, or undefined when the images are let in. */
function admitted(...missing: readonly string[]): Promise<AgentError | undefined> {
  const { world, files } = simulated("app");
  files.set(IMAGES_PATH, JSON.stringify({ version: 1, releases: { before: kept, now: missing } }));
  const asked = {
    ...world,
    exec: async () => ({ code: free === "" ? 1 : 0, stdout: free, stderr: "" }),
    manifests: {
      read: async (name: string) => {
        const found = manifests.get(name);
        return found === undefined ? pending("its registry answered 503") : done(found);
      },
    },
    engine: { image: async (name: string) => (present.has(name) ? { id: "1" } : undefined) },
    engineSocket: { version: async () => ({ Arch: "arm64" }) },
  };
  const log = { emit: (event: { message?: string }) => void told.push(event.message ?? "") };
  const boot = { world: asked, log, mode: "apply", operations: [], results: [] } as unknown as Boot;
  const logins = { of: async () => undefined, refused: () => false };
  return admitImages(boot, missing, logins).then(
    () => undefined,
    (error: unknown) => (error instanceof AgentError ? error : Promise.reject(error)),
  );
}

test("images that need more than the engine's disk has free are refused, with both numbers", async () => {
  free = "Avail\n439\n";
  const error = await admitted(NEW);
  expect([error?.exitCode, error?.code]).toEqual([75, "pull.no-room"]);
  expect(error?.why).toMatch(/may take 1 MB below \/var\/lib\/docker, and 1 MB are free/);
  expect(error?.message).toMatch(/nothing was pulled/);
  free = "Avail\n440\n";
  expect(await admitted(NEW)).toBeUndefined();
});

test("what a kept release has brought already needs no room", async () => {
  free = "Avail\n40\n";
  [kept, present] = [[OLD], new Set([OLD])];
  expect(await admitted(NEW)).toBeUndefined();
  free = "Avail\n39\n";
  expect((await admitted(NEW))?.code).toBe("pull.no-room");
  [free, present] = ["Avail\n40\n", new Set()];
  expect((await admitted(NEW))?.code).toBe("pull.no-room");
});

test("of an image for several platforms this machine's counts", async () => {
  const platform = (digit: string, architecture: string) => ({
    digest: `sha256:${digit.repeat(64)}`,
    platform: { os: "linux", architecture },
  });
  manifests.set(INDEX, JSON.stringify({ manifests: [platform("d", "amd64"), platform("e", "arm64")] }));
  manifests.set(image("shop", "d"), layers(["huge", 1_000_000]));
  manifests.set(image("shop", "e"), layers(["small", 300]));
  expect((await admitted(INDEX))?.code).toBe("pull.no-room");
  free = "Avail\n1200\n";
  expect(await admitted(INDEX)).toBeUndefined();
  expect(told).toEqual([]);
});

test.each([
  ["an image of which the registry tells nothing", () => manifests.delete(NEW), /503/],
  ["a manifest of another age", () => manifests.set(NEW, '{"schemaVersion":1}'), /not understood/],
  ["one for other machines alone", () => manifests.set(NEW, '{"manifests":[]}'), /not made for arm64/],
])("%s is let in, and told", async (_what, given, words) => {
  free = "Avail\n1\n";
  given();
  expect(await admitted(NEW)).toBeUndefined();
  expect(told).toEqual([expect.stringMatching(words)]);
});

test("where the free space cannot be read, or nothing is missing, nobody is kept waiting", async () => {
  free = "";
  expect(await admitted(NEW)).toBeUndefined();
  free = "Avail\n0\n";
  expect(await admitted()).toBeUndefined();
});
