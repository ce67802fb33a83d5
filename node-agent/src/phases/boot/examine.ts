import { awsDomain } from "../../base/aws-domain.ts";
import { AgentError } from "../../base/errors.ts";
import {
  ACCEPTED_RELEASE_PATH,
  ENGINE_FOLDER,
  ENVIRONMENT_FOLDER,
  NODE_DOCUMENT_PATH,
  RELEASE_KEY_PATH,
  RELEASES_FOLDER,
  STATUS_PATH,
} from "../../base/paths.ts";
import { type NodeDocument, parseNodeDocument } from "../../core/config/node-document.ts";
import { parseTemplates } from "../../core/config/templates/template.ts";
import type { FileMode, Findings, Space } from "../../core/node/diagnosis.ts";
import { parseStatus } from "../../core/node/status/status.ts";
import { parseRelease } from "../../core/stack/release.ts";
import type { World } from "../../world.ts";
import { foundIn, PROGRAM_FOLDERS } from "../install/observe.ts";

const HTTP_PORT = 8080;
/** Of the packages that a router gets (core/install/distributions.ts); the agent calls each. */
const ROUTER_PROGRAMS = ["iptables-save", "iptables-restore", "conntrack", "ip", "tc", "nft"];

/** Reads what `doctor` judges; changes nothing. `daemon` is what the daemon of this node says. */
export async function examine(
  world: World,
  { daemon, agentPort }: { daemon: Findings["daemon"]; agentPort: number },
): Promise<Findings> {
  const document = await documentOf(world);
  const node = "problems" in document ? undefined : document;
  return {
    root: (await world.exec(["id", "-u"])).stdout.trim() === "0",
    engine: await engineOf(world),
    missing: await missingOf(world, node),
    spaces: await spacesOf(world),
    memory: await memoryOf(world),
    clockSynchronised: await clockOf(world),
    document,
    templates: await templatesOf(world),
    modes: await modesOf(world),
    environmentOnTmpfs: await isOnTmpfs(world),
    ports: await portsOf(world, node, { agentPort, agentRuns: daemon !== undefined }),
    names: node === undefined ? [] : await namesOf(world, node),
    daemon,
    verdict: parseStatus(await world.files.read(STATUS_PATH))?.verdict,
  };
}

async function documentOf({ files }: World): Promise<NodeDocument | { problems: readonly string[] }> {
  try {
    const text = await files.readText(NODE_DOCUMENT_PATH);
    if (text === undefined) return { problems: [`there is no ${files.path(NODE_DOCUMENT_PATH)}`] };
    return parseNodeDocument(text, NODE_DOCUMENT_PATH);
  } catch (error) {
    return { problems: problemsIn(error) };
  }
}

// Only what is expected becomes a finding; a bug stays one.
function problemsIn(error: unknown): readonly string[] {
  if (!(error instanceof AgentError)) throw error;
  return error.problems.length > 0 ? error.problems : [`${error.message}: ${error.why}`];
}

async function engineOf({ engineSocket }: World): Promise<Findings["engine"]> {
  try {
    const { Version, ApiVersion } = await engineSocket.version();
    return { version: Version, api: ApiVersion };
  } catch (error) {
    return { problem: error instanceof AgentError ? `${error.message}: ${error.why}` : String(error) };
  }
}

async function missingOf(world: World, node: NodeDocument | undefined): Promise<readonly string[]> {
  if (node?.role !== "router") return [];
  const found = await foundIn(world, PROGRAM_FOLDERS, ROUTER_PROGRAMS);
  return ROUTER_PROGRAMS.filter((name) => !found.has(name));
}

async function spacesOf({ exec, files, machine }: World): Promise<Space[]> {
  const engineFolder = (await machine.list("/var/lib")).some((name) => `/var/lib/${name}` === ENGINE_FOLDER)
    ? ENGINE_FOLDER
    : "/var/lib";
  const paths = [...new Set([files.path("/"), machine.path(engineFolder)])];
  const read = async (path: string): Promise<Space[]> => {
    const { code, stdout } = await exec(["df", "--output=avail,itotal,iavail", "-B1", path], { accept: [0, 1] });
    if (code !== 0) return [];
    const [freeBytes = 0, inodes = 0, freeInodes = 0] = (stdout.trim().split("\n")[1] ?? "")
      .trim()
      .split(/\s+/)
      .map(Number);
    return [{ path, freeBytes, freeInodes: inodes === 0 ? Number.MAX_SAFE_INTEGER : freeInodes }];
  };
  return (await Promise.all(paths.map(read))).flat();
}

async function memoryOf({ machine }: World): Promise<Findings["memory"]> {
  const text = (await machine.read("/proc/meminfo")) ?? "";
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes("MemTotal"), availableBytes: bytes("MemAvailable") };
}

async function clockOf({ exec, machine }: World): Promise<boolean | undefined> {
  if (!(await machine.list("/run/systemd")).includes("system")) return undefined;
  const { code, stdout } = await exec(["timedatectl", "show", "-p", "NTPSynchronized", "--value"], { accept: [0, 1] });
  return code === 0 ? stdout.trim() === "yes" : undefined;
}

async function templatesOf({ files }: World): Promise<Findings["templates"]> {
  const accepted = await files.read(ACCEPTED_RELEASE_PATH);
  if (accepted === undefined) return undefined;
  try {
    const folder = `${RELEASES_FOLDER}/${parseRelease(accepted, ACCEPTED_RELEASE_PATH).id}/env`;
    const names = (await files.list(folder)).filter((name) => name.endsWith(".hbs"));
    const texts = await Promise.all(names.map(async (name) => (await files.read(`${folder}/${name}`)) ?? ""));
    parseTemplates(new Map(names.map((name, index) => [name, texts[index] ?? ""])));
    return { names, problems: [] };
  } catch (error) {
    return { names: [], problems: problemsIn(error) };
  }
}

async function modesOf(world: World): Promise<Findings["modes"]> {
  const environment = (await world.files.list(ENVIRONMENT_FOLDER)).filter((name) => name.endsWith(".env"));
  const wanted = new Map([
    [NODE_DOCUMENT_PATH, 0o644],
    [RELEASE_KEY_PATH, 0o644],
    [STATUS_PATH, 0o644],
    ...environment.map((name) => [`${ENVIRONMENT_FOLDER}/${name}`, 0o600] as const),
  ]);
  const found = await Promise.all([...wanted].map(([path, widest]) => modeOf(world, path, widest)));
  return found.flat();
}

async function modeOf(
  { exec, files }: World,
  path: string,
  widest: number,
): Promise<Array<FileMode & { widest: number }>> {
  const { code, stdout } = await exec(["stat", "-c", "%a %U", files.path(path)], { accept: [0, 1] });
  if (code !== 0) return [];
  const [mode = "", owner = ""] = stdout.trim().split(" ");
  return [{ path, mode: Number.parseInt(mode, 8), owner, widest }];
}

async function isOnTmpfs({ exec, files }: World): Promise<boolean> {
  const { code, stdout } = await exec(["stat", "-f", "-c", "%T", files.path(ENVIRONMENT_FOLDER)], { accept: [0, 1] });
  return code !== 0 || ["tmpfs", "ramfs"].includes(stdout.trim());
}

async function portsOf(
  { ports, engineSocket }: World,
  node: NodeDocument | undefined,
  { agentPort, agentRuns }: { agentPort: number; agentRuns: boolean },
): Promise<Findings["ports"]> {
  const http = Number(node?.variables?.GREENLEAF_HTTP_PORT ?? HTTP_PORT);
  const running = node === undefined ? [] : await engineSocket.containers(node.project).catch(() => []);
  const caddy = running.some(
    ({ Labels, State }) => Labels["com.docker.compose.service"] === "caddy" && State === "running",
  );
  return [
    ...(node?.role === "router"
      ? []
      : [{ port: http, what: "caddy", holder: await ports.holderOf(http, ""), expected: caddy }]),
    { port: agentPort, what: "the agent", holder: await ports.holderOf(agentPort, "127.0.0.1"), expected: agentRuns },
  ];
}

async function namesOf({ exec }: World, { endpoints, region }: NodeDocument): Promise<Findings["names"]> {
  const regional = region === undefined ? [] : [`ssm.${region}.${awsDomain(region)}`];
  const hosts = endpoints?.aws === undefined ? regional : [new URL(endpoints.aws).hostname];
  const resolve = async (host: string) => {
    const { code } = await exec(["getent", "ahosts", host], { accept: [0, 1, 2], timeoutMs: 10_000 });
    return { host, resolves: code === 0 };
  };
  return Promise.all(hosts.map(resolve));
}
