import { INSTALL_SWAP_PATH } from "../../base/paths.ts";
import { type AptSource, parseDeb822, parseSourcesList } from "../../core/install/apt-sources.ts";
import { type Distribution, parseRelease, type Release } from "../../core/install/distributions.ts";
import { type InstallFacts, type Plugin, SYSCTLS_PATH } from "../../core/install/plan.ts";
import { PLUGIN_FOLDERS } from "../../core/stack/compose/plugin/plugin-folders.ts";
import type { World } from "../../world.ts";

/** Where programs are that a unit finds. */
export const PROGRAM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const PROGRAMS = ["docker", "dockerd", "systemctl"];
const FRESH_MINUTES = 10;
const UNIT_FOLDER = "/etc/systemd/system";

export async function observeRelease({ machine }: World): Promise<Release> {
  return parseRelease((await machine.read("/etc/os-release")) ?? (await machine.read("/usr/lib/os-release")));
}

/** Reads the machine; changes nothing. */
export async function observeInstall(
  world: World,
  release: Release,
  { packager }: Distribution,
): Promise<InstallFacts> {
  const { machine } = world;
  const read = async (path: string) => (await machine.read(path)) ?? "";
  return {
    release,
    systemd: (await machine.list("/run/systemd")).includes("system"),
    engineAnswers: await engineAnswers(world),
    packages: await packagesOf(world, packager),
    programs: await foundIn(world, PROGRAM_FOLDERS, PROGRAMS),
    plugins: await pluginsOf(world),
    sources: packager === "apt" ? await sourcesOf(world) : [],
    freshLists: packager === "apt" && (await hasFreshLists(world)),
    cgroups: await read("/proc/cgroups"),
    mounts: await read("/proc/mounts"),
    meminfo: await read("/proc/meminfo"),
    swaps: await read("/proc/swaps"),
    leftOver: (await machine.mode(INSTALL_SWAP_PATH)) !== undefined,
    units: await unitsToWrite(world),
    sysctls: await machine.read(SYSCTLS_PATH),
  };
}

export async function engineAnswers({ engineSocket }: World): Promise<boolean> {
  return engineSocket.version().then(
    () => true,
    () => false,
  );
}

/** Names of the installed packages. */
export async function packagesOf({ exec }: World, packager: Distribution["packager"]): Promise<Set<string>> {
  const { stdout } =
    packager === "apt"
      ? await exec(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"])
      : await exec(["rpm", "-qa", "--qf", "%{NAME} installed\\n"]);
  const installed = stdout.split("\n").filter((line) => line.endsWith(" installed"));
  return new Set(installed.map((line) => line.slice(0, line.indexOf(" "))));
}

export async function foundIn(
  { machine }: World,
  folders: readonly string[],
  names: readonly string[],
): Promise<Set<string>> {
  const lists = await Promise.all(folders.map((folder) => machine.list(folder)));
  return new Set(names.filter((name) => lists.some((list) => list.includes(name))));
}

async function pluginsOf(world: World): Promise<Set<Plugin>> {
  const found = await foundIn(world, PLUGIN_FOLDERS, ["docker-compose", "docker-buildx"]);
  return new Set((["compose", "buildx"] as const).filter((plugin) => found.has(`docker-${plugin}`)));
}

async function sourcesOf({ machine }: World): Promise<AptSource[]> {
  const folder = "/etc/apt/sources.list.d";
  const names = (await machine.list(folder)).map((name) => `${folder}/${name}`);
  const read = async (path: string) => {
    const text = (await machine.read(path)) ?? "";
    if (path.endsWith(".sources")) return parseDeb822(text);
    return path.endsWith(".list") ? parseSourcesList(text) : [];
  };
  return (await Promise.all(["/etc/apt/sources.list", ...names].map(read))).flat();
}

// apt sets a list's own time to the archive's; that of the folder says when it was refreshed.
async function hasFreshLists({ exec, machine }: World): Promise<boolean> {
  const lists = await machine.list("/var/lib/apt/lists");
  if (!lists.some((name) => /_Packages(\.\w+)?$/.test(name))) return false;
  const { stdout } = await exec(["find", "/var/lib/apt/lists", "-maxdepth", "0", "-mmin", `-${FRESH_MINUTES}`]);
  return stdout.trim() !== "";
}

async function unitsToWrite({ machine, unitFiles }: World): Promise<Map<string, string>> {
  const wanted = [...(await unitFiles())];
  const there = await Promise.all(wanted.map(([name]) => machine.read(`${UNIT_FOLDER}/${name}`)));
  return new Map(wanted.filter(([, text], index) => there[index] !== text));
}
