import { TemporaryError, UnavailableError } from "../../base/errors.ts";
import { done, pending, until } from "../../base/wait.ts";
import { deb822 } from "../../core/install/apt-sources.ts";
import type { InstallOperation } from "../../core/install/plan.ts";
import { addedPackages } from "../../core/install/record.ts";
import type { World } from "../../world.ts";

/** Milliseconds that another installer (unattended-upgrades after the first boot) may hold apt's locks. */
const LOCK_MS = 10 * 60_000;
const INSTALL_MS = 30 * 60_000;
const LISTS_LOCK = "/var/lib/apt/lists/lock";
const APT_ENVIRONMENT = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
const WAIT_FOR_DPKG = ["-o", `DPkg::Lock::Timeout=${LOCK_MS / 1000}`, "-o", "Dpkg::Use-Pty=0"];

type Of<K extends InstallOperation["kind"]> = Extract<InstallOperation, { kind: K }>;

export async function refreshLists(world: World, packager: "apt" | "dnf"): Promise<void> {
  if (packager === "dnf") return dnf(world, ["makecache"]);
  await waitForListsLock(world);
  await apt(world, ["update"], "the package lists could not be refreshed");
}

/** Installs packages and nothing they merely recommend; tells beforehand which new ones that brings. */
export async function installPackages(
  world: World,
  packager: "apt" | "dnf",
  { packages, note }: { packages: readonly string[]; note: (packages: readonly string[]) => Promise<void> },
): Promise<void> {
  if (packager === "dnf") {
    await note(packages);
    return dnf(world, ["install", "-y", "--setopt=install_weak_deps=False", ...packages]);
  }
  await refuseUnknown(world, packages);
  const install = ["install", "-y", "--no-install-recommends", ...packages];
  const { stdout } = await apt(world, ["-s", ...install], "the packages cannot be installed");
  await note(addedPackages(stdout));
  await apt(world, [...WAIT_FOR_DPKG, ...install], `${packages.join(", ")} could not be installed`);
}

/** Package names known without a version to install are told apart by apt's own listing, not by its messages. */
async function refuseUnknown({ exec }: World, packages: readonly string[]): Promise<void> {
  const { stdout } = await exec(["apt-cache", "policy", ...packages]);
  const known = new Set<string>();
  let name = "";
  for (const line of stdout.split("\n")) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const candidate = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== "(none)") known.add(name);
  }
  const unknown = packages.filter((wanted) => !known.has(wanted));
  if (unknown.length === 0) return;
  throw new UnavailableError(`install: ${unknown.join(", ")} cannot be installed`, {
    code: "install.packages-missing",
    why: "no archive that apt is told of has it",
    fix: "enable the archive in /etc/apt/sources.list.d (Debian: main; Ubuntu: universe), then try again",
  });
}

/**
 * Takes plugins out of another Debian release's packages. Lists, cache and state are in a folder of their own, so that
 * the machine's apt never hears of that release; the signatures are checked as ever.
 */
export async function takeForeignPlugins(
  world: World,
  { plugins, suite, mirror }: Of<"foreign plugins">,
  { folder, target }: { folder: string; target: string },
): Promise<void> {
  const { exec, machine } = world;
  await machine.remove(folder);
  await exec(["mkdir", "-p", `${folder}/lists/partial`, `${folder}/cache/archives/partial`, `${folder}/debs`, target]);
  await machine.write(`${folder}/foreign.sources`, deb822(mirror, suite), { mode: 0o644 });
  await machine.write(`${folder}/status`, "", { mode: 0o644 });
  const apart = [
    `Dir::Etc::sourcelist=${folder}/foreign.sources`,
    "Dir::Etc::sourceparts=/dev/null",
    `Dir::State=${folder}`,
    `Dir::State::lists=${folder}/lists`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
  ].flatMap((setting) => ["-o", setting]);
  const what = `${[...plugins.values()].join(", ")} could not be taken from Debian ${suite}`;
  await apt(world, [...apart, "update"], what);
  await apt(world, [...apart, "download", ...plugins.values()], what, `${folder}/debs`);
  for (const deb of await machine.list(`${folder}/debs`))
    await exec(["dpkg-deb", "-x", `${folder}/debs/${deb}`, `${folder}/tree`]);
  for (const plugin of plugins.keys()) {
    const program = `${folder}/tree/usr/libexec/docker/cli-plugins/docker-${plugin}`;
    await exec(["install", "-m", "0755", program, `${target}/docker-${plugin}`]);
  }
  await machine.remove(folder);
}

async function apt(world: World, args: readonly string[], what: string, cwd?: string) {
  const options = { env: APT_ENVIRONMENT, timeoutMs: INSTALL_MS, accept: [0, 100], ...(cwd ? { cwd } : {}) };
  const output = await world.exec(["apt-get", "-q", ...args], options);
  if (output.code === 0) return output;
  const told = output.stderr.split("\n").filter((line) => line.startsWith("E: "));
  throw new TemporaryError(`install: ${what}`, {
    code: "install.packages",
    why: told.map((line) => line.slice(3)).join(" | ") || "apt-get gave no reason",
    fix: `see why: apt-get ${args.filter((arg) => !arg.includes("::") && arg !== "-o").join(" ")}; then try again`,
  });
}

async function dnf(world: World, args: readonly string[]): Promise<void> {
  await world.exec(["dnf", "-q", ...args], { timeoutMs: INSTALL_MS });
}

// DPkg::Lock::Timeout covers dpkg's lock, not that of the lists; proc_locks(5) names who holds it by inode.
async function waitForListsLock({ clock, exec, machine }: World): Promise<void> {
  const { stdout, code } = await exec(["stat", "-c", "%i", LISTS_LOCK], { accept: [0, 1] });
  if (code !== 0) return;
  const held = new RegExp(` (\\d+) [0-9a-f]+:[0-9a-f]+:${stdout.trim()} `);
  const wait = { what: "apt's lists to be free", withinMs: LOCK_MS, everyMs: 1_000, maxMs: 5_000, growth: 1.5 };
  await until(clock, { ...wait, fix: "end the other apt, then try again" }, async () => {
    const holder = held.exec((await machine.read("/proc/locks")) ?? "")?.[1];
    return holder === undefined ? done(undefined) : pending(`process ${holder} holds ${LISTS_LOCK}`);
  });
}
