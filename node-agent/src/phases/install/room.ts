import { INSTALL_SWAP_PATH } from "../../base/paths.ts";
import type { World } from "../../world.ts";

const WRITE_MS = 5 * 60_000;

/** Without leave to swap (a container) the packager tries as it is. Written, not reserved: no hole may be swapped to. */
export async function addSwap(world: World, megabytes: number): Promise<void> {
  const { exec, machine } = world;
  await machine.remove(INSTALL_SWAP_PATH);
  await machine.write(INSTALL_SWAP_PATH, "", { mode: 0o600 });
  const size = ["bs=1M", `count=${megabytes}`, "conv=notrunc,fsync", "status=none"];
  await exec(["dd", "if=/dev/zero", `of=${machine.path(INSTALL_SWAP_PATH)}`, ...size], { timeoutMs: WRITE_MS });
  await exec(["mkswap", machine.path(INSTALL_SWAP_PATH)]);
  const { code } = await exec(["swapon", machine.path(INSTALL_SWAP_PATH)], { accept: FAILED });
  if (code !== 0) await machine.remove(INSTALL_SWAP_PATH);
}

/** Nothing swaps on it any more where the machine was booted anew; while memory is short it stays to the next boot. */
export async function removeSwap({ exec, machine }: World): Promise<void> {
  const { code } = await exec(["swapoff", machine.path(INSTALL_SWAP_PATH)], { accept: FAILED });
  const isUsed = code !== 0 && ((await machine.read("/proc/swaps")) ?? "").includes(`${INSTALL_SWAP_PATH} `);
  if (!isUsed) await machine.remove(INSTALL_SWAP_PATH);
}

/** The codes of swapon and swapoff for a refusal. */
const FAILED = [0, 1, 2, 4, 8, 16, 32, 64, 255];
