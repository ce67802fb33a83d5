import { expect, test } from "vitest";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { Housekeeping } from "../../../node-agent/src/daemon/app/housekeeping.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const image = (digit: string): string => `registry/backend@sha256:${digit.repeat(64)}`;
const RECORD = JSON.stringify({ version: 1, releases: { three: [image("3")], two: [image("2")] } });

interface Scene {
  /** Percent of the disk in use: at first, and after each removal. */
  readonly used: number[];
  /** Digits of images the engine has, and of those it refuses to remove. */
  readonly has?: string;
  readonly refuses?: string;
  readonly record?: string;
}

function scene({ used, has = "0123", refuses = "", record = RECORD }: Scene) {
  const clock = { now: 0 };
  const removed: string[] = [];
  const free = (what: string) => {
    removed.push(what);
    if (used.length > 1) used.shift();
  };
  const world = {
    files: memoryFiles(new Map([["/var/lib/greenleaf/images.json", record]])),
    clock: { now: () => clock.now, date: () => new Date(0) },
    exec: async ([program = ""]: readonly string[]) => {
      if (program === "journalctl") free("journal");
      return { code: 0, stdout: `Use%\n ${used[0]}%\n`, stderr: "" };
    },
    engineSocket: {
      images: async () => Array.from(has, (digit) => ({ id: digit, references: [image(digit)] })),
      imagesInUse: async () => new Set(["3"]),
      removeImage: async (reference: string) => {
        const digit = reference.at(-1) ?? "";
        if (refuses.includes(digit))
          throw new TemporaryError("refused", { code: "engine.refused", why: "in use", fix: "none" });
        free(digit);
      },
      pruneBuildCache: async () => free("cache"),
    },
  } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const housekeeping = new Housekeeping({ world, view });
  const look = async (seconds = 1) => {
    await housekeeping.consider();
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.now += seconds * 1_000;
  };
  return { look, removed, view };
}

test("a disk below the watermark is left alone", async () => {
  const { look, removed } = scene({ used: [79] });
  await look();
  expect(removed).toEqual([]);
});

test("room is made down to the watermark and no further, what is cheapest to have again first", async () => {
  const { look, removed, view } = scene({ used: [85, 82, 70] });
  await look();
  expect(removed).toEqual(["cache", "0"]);
  expect(view.events[0]?.text).toBe("disk: 70 % in use, 85 % before room was made");
});

test("on a disk that stays full all goes but what is in use, current or previous", async () => {
  const { look, removed } = scene({ used: [99] });
  await look();
  expect(removed).toEqual(["cache", "0", "1", "journal"]);
});

test("an image that the engine refuses to remove does not keep the others", async () => {
  const { look, removed } = scene({ used: [99], refuses: "0" });
  await look();
  expect(removed).toEqual(["cache", "1", "journal"]);
});

test("a record that cannot be read keeps every image", async () => {
  const { look, removed } = scene({ used: [99], record: "{" });
  await look();
  expect(removed).toEqual(["cache", "journal"]);
});

test("it looks every ten minutes, and not while the node drains", async () => {
  const { look, removed, view } = scene({ used: [99] });
  await look(599);
  const first = removed.length;
  await look(1);
  expect(removed).toHaveLength(first);
  await look(600);
  expect(removed).toHaveLength(2 * first);
  view.drain("spot");
  await look();
  expect(removed).toHaveLength(2 * first);
});
