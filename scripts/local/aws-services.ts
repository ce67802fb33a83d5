import { existsSync } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../node-agent/src/adapters/exec.ts";
import { filesBelow } from "../../node-agent/src/adapters/files.ts";
import { spell } from "../../node-agent/src/core/dotenv.ts";
import { IMAGE_UID } from "./certificates.ts";
import type { Credentials } from "./credentials.ts";
import { type LocalWorld, localFolder } from "./world.ts";

const LOCAL_STACK = join(import.meta.dirname, "..", "..", "compose", "local.yml");

const LAST_WRITTEN = "valkey.env";

interface Wanted {
  readonly images: Readonly<Record<string, { readonly id: string }>>;
  readonly credentials: Credentials;
}

/** Starts what stands for AWS and waits until it is healthy. */
export async function startAws(world: LocalWorld, { images, credentials }: Wanted): Promise<void> {
  await writeEnvironment(world, credentials);
  await mkdir(localFolder(world, "aws"), { recursive: true, mode: 0o700 });
  await chown(localFolder(world, "aws"), IMAGE_UID, IMAGE_UID);
  await compose(world, ["up", "--detach", "--wait", "--wait-timeout", "120"], {
    GREENLEAF_IMAGE_POSTGRES: images.postgres?.id ?? "",
    GREENLEAF_IMAGE_VALKEY: images.valkey?.id ?? "",
    GREENLEAF_IMAGE_AWS: images.aws?.id ?? "",
  });
}

export async function removeAws(world: LocalWorld, options: { volumes: boolean }): Promise<void> {
  // Written before anything starts: an `up` that was cut off earlier has started nothing, and Compose wants the file.
  if (!existsSync(localFolder(world, LAST_WRITTEN))) return;
  const unused = { GREENLEAF_IMAGE_POSTGRES: "none", GREENLEAF_IMAGE_VALKEY: "none", GREENLEAF_IMAGE_AWS: "none" };
  await compose(world, ["down", ...(options.volumes ? ["--volumes"] : [])], unused);
}

async function compose(
  world: LocalWorld,
  args: readonly string[],
  images: Readonly<Record<string, string>>,
): Promise<void> {
  await exec(["docker", "compose", "--file", LOCAL_STACK, ...args], {
    timeoutMs: 180_000,
    env: {
      ...images,
      GREENLEAF_LOCAL_PROJECT: `${world.project}-local`,
      GREENLEAF_LOCAL: localFolder(world),
      GREENLEAF_NETWORK: world.network,
      GREENLEAF_POSTGRES_PORT: String(world.ports.postgres),
      GREENLEAF_AWS_PORT: String(world.ports.aws),
    },
  });
}

async function writeEnvironment(world: LocalWorld, { db, redis }: Credentials): Promise<void> {
  const files = filesBelow(world.root);
  const postgres = { POSTGRES_USER: db.username, POSTGRES_PASSWORD: db.password, POSTGRES_DB: "medusa" };
  await files.write("/local/postgres.env", environmentText(postgres));
  await files.write(`/local/${LAST_WRITTEN}`, environmentText({ VALKEY_PASSWORD: redis.password }));
}

function environmentText(record: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(record)
    .map(([name, value = ""]) => {
      const spelling = spell("compose", name, value);
      if (!spelling.ok) throw new Error(`${name} cannot be written: ${spelling.because}`);
      return `${spelling.line}\n`;
    })
    .join("");
}
