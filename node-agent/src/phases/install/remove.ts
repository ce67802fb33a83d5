import { INSTALLED_PATH } from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import {
  BRIDGE,
  ENGINES,
  type InstallRecord,
  isOwnEngine,
  parseRecord,
  planRemoval,
  type RemovalFacts,
  type RemovalOperation,
  removedPackages,
} from "../../core/install/record.ts";
import type { World } from "../../world.ts";
import { applyOperations, type Boot } from "../phase.ts";
import { removeMetadataWall } from "../stack/metadata-wall.ts";
import { packagesOf } from "./observe.ts";

const REMOVE_MS = 10 * 60_000;
const APT = { env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: REMOVE_MS };

/** Takes away what the record says and nothing else; says what stays and why. True when nothing of ours is left. */
export async function uninstall(boot: Boot): Promise<boolean> {
  const { world, log, mode } = boot;
  await removeMetadataWall(boot);
  const record = parseRecord(await world.files.read(INSTALLED_PATH));
  if (record === undefined) return true;
  const plan = planRemoval(record, await observeRemoval(world, record));
  for (const note of plan.notes) log.emit({ kind: "notice", message: `install   ${note}` });
  await applyOperations(boot, "install", plan.operations, (operation) => execute(world, record, operation));
  if (plan.complete && mode === "apply") await world.files.remove(INSTALLED_PATH);
  return plan.complete;
}

async function observeRemoval(world: World, record: InstallRecord): Promise<RemovalFacts> {
  const there = await packagesOf(world, record.packager);
  const present = record.packages.filter((name) => there.has(name));
  const links = await world.machine.list("/sys/class/net");
  return {
    holdings: await holdingsOfOurEngine(world, record, present),
    bridge: isOwnEngine(record) && links.includes(BRIDGE) && (await hasIp(world)),
    present,
    goes: await dependentPackages(world, record, present),
    daemonRuns: await isOurs(world, record.daemon),
  };
}

// An engine we neither brought nor started is none of our business, and neither is what runs on it.
async function holdingsOfOurEngine(
  { engineSocket }: World,
  record: InstallRecord,
  present: readonly string[],
): Promise<RemovalFacts["holdings"]> {
  if (!isOwnEngine(record)) return undefined;
  const isThere = ENGINES.some((name) => present.includes(name));
  return engineSocket.holdings().catch(() => (isThere ? "unknown" : undefined));
}

const hasIp = async ({ machine }: World): Promise<boolean> =>
  (await Promise.all(["/usr/sbin", "/usr/bin"].map((folder) => machine.list(folder)))).some((list) =>
    list.includes("ip"),
  );

async function dependentPackages(
  { exec }: World,
  { packager }: InstallRecord,
  present: readonly string[],
): Promise<string[]> {
  if (present.length === 0 || packager === "dnf") return [...present];
  const { stdout } = await exec(["apt-get", "-s", "purge", "-y", ...present], APT);
  return removedPackages(stdout);
}

async function isOurs({ daemons }: World, daemon: InstallRecord["daemon"]): Promise<boolean> {
  return daemon !== undefined && (await daemons.startTicks(daemon.pid)) === daemon.startTicks;
}

async function execute(world: World, record: InstallRecord, operation: RemovalOperation): Promise<void> {
  const { exec, machine } = world;
  switch (operation.kind) {
    case "disable units":
      await exec(["systemctl", "disable", "--now", ...operation.units], { accept: [0, 1], timeoutMs: REMOVE_MS });
      return;
    case "stop engine":
      return stopEngine(world, operation.daemon);
    case "remove packages":
      return removePackages(world, record, operation.packages);
    case "remove bridge":
      await exec(["ip", "link", "delete", operation.link], { accept: [0, 1] });
      return;
    case "remove files":
      for (const file of operation.files) await removeFile(world, file);
      for (const folder of operation.folders.toReversed())
        await exec(["rmdir", machine.path(folder)], { accept: [0, 1] });
      return;
    case "unmount":
      for (const mount of operation.mounts) await exec(["umount", machine.path(mount)], { accept: [0, 32] });
      return;
  }
}

async function stopEngine(world: World, daemon: NonNullable<InstallRecord["daemon"]>): Promise<void> {
  world.daemons.end(daemon.pid);
  const wait = { what: `dockerd ${daemon.pid} to end`, withinMs: 60_000, everyMs: 100, fix: `kill ${daemon.pid}` };
  await until(world.clock, wait, async () =>
    (await isOurs(world, daemon)) ? pending("it still runs") : done(undefined),
  );
}

async function removePackages(
  { exec }: World,
  { packager }: InstallRecord,
  packages: readonly string[],
): Promise<void> {
  if (packager === "dnf")
    await exec(["dnf", "-q", "remove", "-y", "--noautoremove", ...packages], { timeoutMs: REMOVE_MS });
  else await exec(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "purge", "-y", ...packages], APT);
}

// A folder that is a mount point cannot go itself: what is in it goes.
async function removeFile({ exec, machine }: World, file: string): Promise<void> {
  const inside = await machine.list(file);
  for (const name of inside) await exec(["rm", "-rf", "--one-file-system", machine.path(`${file}/${name}`)]);
  await exec(["rm", "-rf", "--one-file-system", machine.path(file)], { accept: [0, 1] });
}
