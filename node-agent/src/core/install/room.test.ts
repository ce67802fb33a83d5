import { expect, test } from "vitest";
import { INSTALL_SWAP_PATH } from "../../base/paths.ts";
import { roomFor } from "./room.ts";

const meminfo = (megabytes: number, swap = 0) =>
  `MemTotal:       ${megabytes * 1024} kB\nMemFree:        9 kB\nSwapTotal:      ${swap * 1024} kB\n`;
const facts = (changes: Partial<Parameters<typeof roomFor>[1]> = {}) => ({
  meminfo: meminfo(426),
  swaps: "Filename Type Size Used Priority\n",
  leftOver: false,
  ...changes,
});
const DNF = { packager: "dnf" } as const;
const kinds = (...asked: Parameters<typeof roomFor>) => {
  const { before, after } = roomFor(...asked);
  return [...before.map(({ kind }) => kind), "packages", ...after.map(({ kind }) => kind)];
};

test("on the memory of a t3.nano dnf gets swap before it runs, and it is taken away after", () => {
  expect(kinds(DNF, facts(), true)).toEqual(["add swap", "packages", "remove swap"]);
  expect(roomFor(DNF, facts(), true).before[0]).toMatchObject({ why: "dnf does not fit into 426 MB" });
});

test("nothing is made where there is room, nothing is installed, apt installs, or memory is not known", () => {
  expect(kinds(DNF, facts({ meminfo: meminfo(3_900) }), true)).toEqual(["packages"]);
  expect(kinds(DNF, facts({ meminfo: meminfo(426, 600) }), true)).toEqual(["packages"]);
  expect(kinds(DNF, facts(), false)).toEqual(["packages"]);
  expect(kinds({ packager: "apt" }, facts(), true)).toEqual(["packages"]);
  expect(kinds(DNF, facts({ meminfo: "" }), true)).toEqual(["packages"]);
});

test("what an installation that was killed left is used again, and goes once there is nothing more to install", () => {
  const swaps = `Filename Type Size Used Priority\n${INSTALL_SWAP_PATH} file 1048572 0 -2\n`;
  const active = facts({ swaps, leftOver: true, meminfo: meminfo(426, 1023) });
  expect(kinds(DNF, active, true)).toEqual(["packages", "remove swap"]);
  expect(kinds(DNF, active, false)).toEqual(["packages", "remove swap"]);
  // After a reboot the file is there and nothing swaps on it.
  expect(kinds(DNF, facts({ leftOver: true }), true)).toEqual(["add swap", "packages", "remove swap"]);
  expect(kinds(DNF, facts({ leftOver: true }), false)).toEqual(["packages", "remove swap"]);
});
