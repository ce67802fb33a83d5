import { expect, test } from "vitest";
import { INSTALL_SWAP_PATH } from "../../base/paths.ts";
import type { World } from "../../world.ts";
import { addSwap, removeSwap } from "./room.ts";

/** A machine that remembers what was run on it; swapon and swapoff end as they are told to. */
function machineWith({ swapon = 0, swapoff = 0, swaps = "" }) {
  const ran: string[] = [];
  const codes: Readonly<Record<string, number>> = { swapon, swapoff };
  const files = new Set<string>();
  const world = {
    exec: async (argv: readonly string[], { accept = [0] }: { accept?: readonly number[] } = {}) => {
      ran.push(argv.join(" "));
      const code = codes[argv[0] ?? ""] ?? 0;
      if (!accept.includes(code)) throw new Error(`${argv[0]} ended with ${code}`);
      return { code, stdout: "", stderr: "" };
    },
    machine: {
      path: (path: string) => path,
      read: async () => swaps,
      write: async (path: string, _: string, { mode }: { mode: number }) => {
        ran.push(`write ${path} ${mode.toString(8)}`);
        files.add(path);
      },
      remove: async (path: string) => void files.delete(path),
    },
  };
  return { world: world as unknown as World, ran, files };
}

test("the file is root's alone before a byte of memory goes there, and is written whole", async () => {
  const { world, ran, files } = machineWith({});
  await addSwap(world, 1024);
  expect(ran).toEqual([
    `write ${INSTALL_SWAP_PATH} 600`,
    `dd if=/dev/zero of=${INSTALL_SWAP_PATH} bs=1M count=1024 conv=notrunc,fsync status=none`,
    `mkswap ${INSTALL_SWAP_PATH}`,
    `swapon ${INSTALL_SWAP_PATH}`,
  ]);
  expect(files.has(INSTALL_SWAP_PATH)).toBe(true);
});

test("where nobody may swap the installation goes on, and the disk is given back", async () => {
  const { world, files } = machineWith({ swapon: 255 });
  await addSwap(world, 1024);
  expect(files.size).toBe(0);
});

test("the file goes when nothing swaps on it, and stays while something does", async () => {
  for (const [swapoff, swaps, stays] of [
    [0, "", false],
    [255, "Filename Type Size Used Priority\n", false],
    [255, `${INSTALL_SWAP_PATH} file 1048572 90000 -2\n`, true],
  ] as const) {
    const { world, files } = machineWith({ swapoff, swaps });
    files.add(INSTALL_SWAP_PATH);
    await removeSwap(world);
    expect([swapoff, swaps, files.has(INSTALL_SWAP_PATH)]).toEqual([swapoff, swaps, stays]);
  }
});
