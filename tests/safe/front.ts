import { chmod, cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { $ } from "zx";
import { findImage } from "../../scripts/images/engine.ts";
import { root } from "../../scripts/images/folders.ts";
import { type Container, Containers, removeFolder, sharedFolder } from "../images/containers.ts";

const NEEDED = ["caddy", "node"] as const;

/** What only the shop's zone at Cloudflare sends. */
export const ORIGIN = "origin-header-of-this-zone-0123456789abcdef";

/** Why the front cannot be started here; undefined where it can. */
export async function whyNoFront(): Promise<string | undefined> {
  const found = await Promise.all(NEEDED.map((name) => findImage(`greenleaf/${name}:local`)));
  const missing = NEEDED.filter((_, index) => found[index] === undefined);
  return missing.length === 0 ? undefined : `needs images: sudo ./greenleaf images ${missing.join(" ")}`;
}

/** The real Caddy with the stack's own Caddyfile and limits, and services behind it that say what reached them. */
export interface Front {
  readonly caddy: Container;
  readonly services: Container;
  readonly port: number;
  stop(): Promise<void>;
}

interface FrontOptions {
  /** The folder of the daemon's socket, as the stack mounts it. */
  readonly agent: string;
  readonly media?: string;
  /** Of Caddy, besides. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startFront({ agent, media = "local", env = {} }: FrontOptions): Promise<Front> {
  const containers = new Containers();
  const network = `greenleaf-safe-${process.pid}-${(count += 1)}`;
  const folder = await sharedFolder();
  await cp(join(root, "caddy"), join(folder, "caddy"), { recursive: true });
  await chmod(join(folder, "caddy"), 0o755);
  await mkdir(agent, { recursive: true });
  await $({ quiet: true })`docker network create ${network}`;
  const aliases = ["backend", "storefront", "aws"].flatMap((name) => ["--network-alias", name]);
  const services = await containers.start({
    image: "greenleaf/node:local",
    mounts: [`${join(import.meta.dirname, "services.js")}:/services.js:ro`],
    flags: ["--network", network, ...aliases, "--no-healthcheck"],
    command: ["node", "/services.js"],
  });
  const { mem_limit: memory, ulimits } = await limitsOfCaddy();
  const caddy = await containers.start({
    image: "greenleaf/caddy:local",
    env: { MEDIA_SOURCE: media, ORIGIN_HEADER: ORIGIN, ...env },
    mounts: [`${join(folder, "caddy")}:/etc/caddy:ro`, `${agent}:/run/greenleaf:ro`],
    flags: [
      "--network",
      network,
      "--read-only",
      "--tmpfs",
      "/tmp:mode=1777,size=16m",
      "--memory",
      memory,
      "--memory-swap",
      memory,
      "--ulimit",
      `nofile=${ulimits.nofile}`,
    ],
    port: 8080,
  });
  await caddy.healthy();
  return {
    caddy,
    services,
    port: await caddy.port(),
    stop: async () => {
      await containers.clear();
      await $({ quiet: true, nothrow: true })`docker network rm ${network}`;
      await removeFolder(folder);
    },
  };
}

let count = 0;

interface Limits {
  readonly mem_limit: string;
  readonly ulimits: { readonly nofile: number };
}

async function limitsOfCaddy(): Promise<Limits> {
  const text = await readFile(join(root, "compose", "docker-compose.yml"), "utf8");
  const { services } = parse(text, { merge: true }) as { services: { caddy: Limits } };
  return services.caddy;
}
