import { UnavailableError } from "../../base/errors.ts";
import {
  ENGINE_FOLDER,
  ENGINE_LOG,
  FOREIGN_PACKAGES_FOLDER,
  INSTALL_SWAP_PATH,
  INSTALLED_PATH,
} from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import { distributionOf } from "../../core/install/distributions.ts";
import type { Group } from "../../core/install/groups.ts";
import { type InstallOperation, planInstall, SYSCTLS_PATH } from "../../core/install/plan.ts";
import { type InstallRecord, newRecord, parseRecord, recorded, recordText } from "../../core/install/record.ts";
import type { RoomOperation } from "../../core/install/room.ts";
import type { World } from "../../world.ts";
import { applyOperations, type Boot } from "../phase.ts";
import { type AgentSource, agentPaths, executeAgent, observeAgent } from "./agent.ts";
import { engineAnswers, observeInstall, observeRelease } from "./observe.ts";
import { installPackages, refreshLists, takeForeignPlugins } from "./packages.ts";
import { addSwap, removeSwap } from "./room.ts";

const PLUGIN_FOLDER = "/usr/local/lib/docker/cli-plugins";
const PLUGIN_PARENT = "/usr/local/lib/docker";
const UNIT_FOLDER = "/etc/systemd/system";
/** What an engine makes for itself; recorded only where it was not there before. */
const ENGINE_FOLDERS = [
  ENGINE_FOLDER,
  "/var/lib/containerd",
  "/etc/docker",
  "/opt/containerd",
  "/run/docker",
  "/run/containerd",
];
const ENGINE_MS = 60_000;

/**
 * Makes the machine ready for a node; what it adds is written down before it is added. Tells why the archive's agent
 * was not taken, if it was not.
 */
export async function install(
  boot: Boot,
  groups: readonly Group[],
  source: AgentSource | undefined,
): Promise<string | undefined> {
  const { world, log } = boot;
  const release = await observeRelease(world);
  const distribution = distributionOf(release);
  const agent = source && (await observeAgent(world, source));
  const facts = { ...(await observeInstall(world, release, distribution)), ...(agent ? { agent } : {}) };
  const { operations, notes, refused } = planInstall(facts, distribution, groups);
  if (refused !== undefined) log.emit({ kind: "notice", message: `install   ${refused}` });
  for (const note of notes) log.emit({ kind: "notice", message: `install   ${note}` });
  const book = openBook(world, distribution.packager);
  await applyOperations(boot, "install", operations, (operation) =>
    isForRoom(operation) ? executeRoom(world, operation, book) : execute(world, operation, book),
  );
  return refused;
}

/** The record on disk, added to step by step: a killed install leaves what it did, or was about to do. */
interface Book {
  readonly packager: InstallRecord["packager"];
  add(more: Parameters<typeof recorded>[1]): Promise<void>;
}

function openBook({ files }: World, packager: InstallRecord["packager"]): Book {
  return {
    packager,
    add: async (more) => {
      const before = parseRecord(await files.read(INSTALLED_PATH)) ?? newRecord(packager);
      await files.write(INSTALLED_PATH, recordText(recorded(before, more)), { mode: 0o644 });
    },
  };
}

async function execute(world: World, operation: Exclude<InstallOperation, RoomOperation>, book: Book): Promise<void> {
  switch (operation.kind) {
    case "refresh":
      return refreshLists(world, book.packager);
    case "packages":
      return addPackages(world, operation.packages, book);
    case "foreign plugins":
      await book.add({
        files: [...operation.plugins.keys()].map((plugin) => `${PLUGIN_FOLDER}/docker-${plugin}`),
        folders: await absentOrEmpty(world, [PLUGIN_PARENT, PLUGIN_FOLDER]),
      });
      return takeForeignPlugins(world, operation, { folder: FOREIGN_PACKAGES_FOLDER, target: PLUGIN_FOLDER });
    case "mount cgroups":
      return mountCgroups(world, operation.mounts, book);
    case "enable engine":
      await world.exec(["systemctl", "enable", "--now", operation.unit], { timeoutMs: ENGINE_MS });
      return engineUp(world, `see journalctl -u ${operation.unit}`);
    case "start engine":
      return startEngine(world, book);
    case "write units":
      return writeUnits(world, operation.units, book);
    case "write sysctls":
      return writeSysctls(world, operation.text, book);
    case "place agent":
      await book.add({ files: agentPaths(world) });
      return executeAgent(world, operation, PLUGIN_FOLDER);
    case "compose file":
      await book.add(await composePaths(world));
      return executeAgent(world, operation, PLUGIN_FOLDER);
    case "switch agent":
      return executeAgent(world, operation, PLUGIN_FOLDER);
  }
}

const isForRoom = (operation: InstallOperation): operation is RoomOperation =>
  operation.kind === "add swap" || operation.kind === "remove swap";

async function executeRoom(world: World, operation: RoomOperation, book: Book): Promise<void> {
  if (operation.kind === "remove swap") return removeSwap(world);
  await book.add({ files: [INSTALL_SWAP_PATH] });
  await addSwap(world, operation.megabytes);
}

async function addPackages(world: World, packages: readonly string[], book: Book): Promise<void> {
  const note = async (coming: readonly string[]) => {
    const engineComes = coming.includes("docker.io") || coming.includes("docker");
    const folders = engineComes ? await absentOrEmpty(world, ENGINE_FOLDERS) : [];
    await book.add({ packages: [...coming], files: folders });
  };
  await installPackages(world, book.packager, { packages, note });
}

const composePaths = async (world: World) => ({
  files: [`${PLUGIN_FOLDER}/docker-compose`],
  folders: await absentOrEmpty(world, [PLUGIN_PARENT, PLUGIN_FOLDER]),
});

async function absentOrEmpty({ machine }: World, folders: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(folders.map((folder) => machine.list(folder)));
  return folders.filter((_folder, index) => lists[index]?.length === 0);
}

async function mountCgroups(
  { exec }: World,
  mounts: Extract<InstallOperation, { kind: "mount cgroups" }>["mounts"],
  book: Book,
): Promise<void> {
  for (const { type, target, options } of mounts) {
    if (type === "remount") {
      await exec(["mount", "-o", "remount,rw,bind", target]);
      continue;
    }
    await book.add({ mounts: [target] });
    await exec(["mkdir", "-p", target]);
    await exec(["mount", "-t", type, ...(options === undefined ? [] : ["-o", options]), "greenleaf", target]);
  }
}

// Not through /etc/init.d/docker: it raises limits, which a container may not.
async function startEngine(world: World, book: Book): Promise<void> {
  await book.add({ files: [ENGINE_LOG] });
  const pid = await world.daemons.start(["dockerd"], world.machine.path(ENGINE_LOG));
  await book.add({ daemon: { pid, startTicks: (await world.daemons.startTicks(pid)) ?? "" } });
  await engineUp(world, `see ${ENGINE_LOG}`, pid);
}

async function engineUp(world: World, fix: string, pid?: number): Promise<void> {
  await until(world.clock, { what: "the engine to answer", withinMs: ENGINE_MS, everyMs: 250, fix }, async () => {
    if (await engineAnswers(world)) return done(undefined);
    if (pid === undefined || (await world.daemons.startTicks(pid)) !== undefined) return pending("no answer yet");
    throw await engineEnded(world, fix);
  });
}

async function engineEnded({ exec }: World, fix: string): Promise<UnavailableError> {
  const { stdout } = await exec(["tail", "-n", "3", ENGINE_LOG], { accept: [0, 1] });
  return new UnavailableError("install: dockerd ended at once", {
    code: "install.engine",
    why: stdout.trim().split("\n").join(" | ") || "it printed no reason",
    fix,
  });
}

async function writeUnits({ exec, machine }: World, units: ReadonlyMap<string, string>, book: Book): Promise<void> {
  const names = [...units.keys()];
  await book.add({ units: names, files: names.map((name) => `${UNIT_FOLDER}/${name}`) });
  for (const [name, text] of units) await machine.write(`${UNIT_FOLDER}/${name}`, text, { mode: 0o644 });
  // Where systemd does not run yet there is nothing to reload.
  await exec(["systemctl", "daemon-reload"], { accept: [0, 1] });
  await exec(["systemctl", "enable", ...names]);
}

// Values the kernel does not let this machine set (a container) are for the next real boot.
async function writeSysctls({ exec, machine }: World, text: string, book: Book): Promise<void> {
  await book.add({ files: [SYSCTLS_PATH] });
  await machine.write(SYSCTLS_PATH, text, { mode: 0o644 });
  await exec(["sysctl", "-q", "-e", "-p", SYSCTLS_PATH], { accept: [0, 1, 255] });
}
