import { expect, test } from "vitest";
import { NONE } from "./counts.ts";
import type { Group, Lane } from "./groups.ts";
import { inLanes } from "./lanes.ts";
import type { TestRun } from "./run.ts";

const group = (name: string, lane?: Lane): Group => ({
  name,
  what: name,
  run: async () => NONE,
  ...(lane === undefined ? {} : { lane }),
});
const stopping = new AbortController();
const run = (stop = new AbortController().signal) => ({ stop }) as TestRun;

test("groups of no lane come first, one by one; then a lane goes on while the other one's group still runs", async () => {
  const events: string[] = [];
  const ended = Promise.withResolvers<void>();
  const groups = [group("images", "engine"), group("unit"), group("nat", "beside"), group("shop", "engine")];
  await inLanes(groups, run(), async ({ name }) => {
    events.push(`${name} begins`);
    // It ends when the other lane has come to its end.
    if (name === "nat") await ended.promise;
    if (name === "shop") ended.resolve();
    events.push(`${name} ends`);
  });
  expect(events.slice(0, 2)).toEqual(["unit begins", "unit ends"]);
  expect(events.indexOf("nat begins")).toBeLessThan(events.indexOf("shop begins"));
  expect(events.slice(-3)).toEqual(["shop begins", "shop ends", "nat ends"]);
});

test("only what runs beside something is held back", async () => {
  const held: string[] = [];
  const note = async ({ name }: Group, { held: isHeld }: TestRun) => {
    if (isHeld) held.push(name);
  };
  await inLanes([group("unit"), group("images", "engine"), group("nat", "beside")], run(), note);
  await inLanes([group("unit"), group("terraform", "beside")], run(), note);
  expect(held).toEqual(["nat"]);
});

test("a run that was stopped begins no other group, in neither lane", async () => {
  const begun: string[] = [];
  const groups = [
    group("images", "engine"),
    group("boot", "engine"),
    group("packer", "beside"),
    group("nat", "beside"),
  ];
  await inLanes(groups, run(stopping.signal), async ({ name }) => {
    begun.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
  });
  expect(begun).toEqual(["images", "packer"]);
});
