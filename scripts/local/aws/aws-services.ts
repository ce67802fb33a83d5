import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../../node-agent/src/base/exec.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { encodeLine } from "../../../node-agent/src/core/config/dotenv.ts";
import { PROJECT_LABEL } from "../../../node-agent/src/core/stack/compose/labels.ts";
import { IMAGE_UID } from "../certificates.ts";
import { findThings, ROOT_LABEL, servicesProject, volumeNames } from "../remove/own-things.ts";
import { rootState } from "../remove/ownership.ts";
import { type LocalWorld, localFolder } from "../world.ts";
import { ensureAwsCredentials } from "./aws-credentials.ts";
import type { Credentials } from "./credentials.ts";
import type { Mailbox } from "./mailbox.ts";

const LOCAL_STACK = join(import.meta.dirname, "..", "..", "..", "compose", "local.yml");

interface Wanted {
  readonly images: Readonly<Record<string, { readonly id: string }>>;
  readonly credentials: Credentials;
  readonly mailbox: Mailbox;
}

/** Starts what stands for AWS and waits until it is healthy. */
export async function startAws(world: LocalWorld, { images, credentials, mailbox }: Wanted): Promise<void> {
  await writeEnvironment(world, credentials, mailbox);
  await mkdir(localFolder(world, "aws"), { recursive: true, mode: 0o700 });
  await chown(localFolder(world, "aws"), IMAGE_UID, IMAGE_UID);
  await ensureNetworkAndVolumes(world);
  await compose(world, ["up", "--detach", "--wait", "--wait-timeout", "120"], {
    GREENLEAF_IMAGE_POSTGRES: images.postgres?.id ?? "",
    GREENLEAF_IMAGE_VALKEY: images.valkey?.id ?? "",
    GREENLEAF_IMAGE_AWS: images.aws?.id ?? "",
  });
}

async function compose(
  world: LocalWorld,
  args: readonly string[],
  images: Readonly<Record<string, string>>,
): Promise<void> {
  const project = servicesProject(world);
  // The project in the command, and no file of variables beside the stack's: neither a shell nor a folder decides.
  const which = ["--project-name", project, "--env-file", "/dev/null", "--file", LOCAL_STACK];
  await exec(["docker", "compose", ...which, ...args], {
    timeoutMs: 180_000,
    env: {
      ...images,
      GREENLEAF_LOCAL_PROJECT: project,
      GREENLEAF_ROOT: world.root,
      GREENLEAF_LOCAL: localFolder(world),
      GREENLEAF_NETWORK: world.network,
      GREENLEAF_POSTGRES_PORT: String(world.ports.postgres),
      GREENLEAF_AWS_PORT: String(world.ports.aws),
      GREENLEAF_MAIL_PORT: String(world.ports.mail),
    },
  });
}

/**
 * Made here and not by compose, which would make them anew, data and all, when a label of theirs changed. Compose's
 * labels are on them as well, so that an earlier greenleaf takes them for its own.
 */
async function ensureNetworkAndVolumes(world: LocalWorld): Promise<void> {
  const state = await rootState(world);
  const { ours } = await findThings(world, typeof state === "string" ? undefined : state);
  const ensure = async (kind: "network" | "volume", key: string, name: string) => {
    if (ours.some((thing) => thing.kind === kind && thing.name === name)) return;
    const labels = [
      `${ROOT_LABEL}=${world.root}`,
      `${PROJECT_LABEL}=${servicesProject(world)}`,
      `com.docker.compose.${kind}=${key}`,
    ].flatMap((label) => ["--label", label]);
    await exec(["docker", kind, "create", ...labels, name]);
  };
  await ensure("network", "local", world.network);
  for (const [key, name] of Object.entries(volumeNames(world))) await ensure("volume", key, name);
}

async function writeEnvironment(world: LocalWorld, { db, redis, media }: Credentials, mailbox: Mailbox): Promise<void> {
  const files = filesBelow(world.root);
  const postgres = { POSTGRES_USER: db.username, POSTGRES_PASSWORD: db.password, POSTGRES_DB: "medusa" };
  await files.write("/local/postgres.env", environmentText(postgres));
  const operator = await ensureAwsCredentials(world);
  const aws = {
    GREENLEAF_ACCESS_KEY_ID: operator.accessKeyId,
    GREENLEAF_SECRET_ACCESS_KEY: operator.secretAccessKey,
    // The backend's, for pictures.
    GREENLEAF_MEDIA_ACCESS_KEY_ID: media.access_key_id,
    GREENLEAF_MEDIA_SECRET_ACCESS_KEY: media.secret_access_key,
  };
  await files.write("/local/aws.env", environmentText(aws));
  await files.write("/local/valkey.env", environmentText({ VALKEY_PASSWORD: redis.password }));
  const mail = { MAILBOX_USER: mailbox.user, MAILBOX_PASSWORD: mailbox.password };
  await files.write("/local/mail.env", environmentText(mail));
}

function environmentText(record: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(record)
    .map(([name, value = ""]) => {
      const spelling = encodeLine("compose", name, value);
      if (!spelling.ok) throw new Error(`${name} cannot be written: ${spelling.why}`);
      return `${spelling.line}\n`;
    })
    .join("");
}
