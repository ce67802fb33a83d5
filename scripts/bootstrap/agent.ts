import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { LIST, SIGNATURE } from "../../node-agent/src/core/install/agent-archive.ts";
import { buildArchive } from "../agent-archive/build-archive.ts";
import type { Architecture } from "../agent-archive/catalogue.ts";
import { bucketName } from "./buckets.ts";
import { parameter, SIGNING_KEY } from "./parameters.ts";
import type { Bootstrap, Step } from "./step.ts";

/** Of the fleet's instance types. */
const ARCHITECTURE: Architecture = "x86_64";

/** Publishes this checkout's agent where user_data looks for it. */
export const agentStep: Step = {
  title: `agent ${AGENT_VERSION} for ${ARCHITECTURE}`,
  run: async (bootstrap) => {
    const folder = await mkdtemp(join(tmpdir(), "greenleaf-agent-archive-"));
    try {
      const key = (await parameter(bootstrap, SIGNING_KEY)) ?? "";
      await buildArchive(folder, { key, architecture: ARCHITECTURE });
      if (await isPublished(bootstrap, folder)) return "there";
      await publish(bootstrap, folder);
      return "made";
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const place = ({ accountId }: Bootstrap, name: string) => ({
  Bucket: bucketName("artifacts", accountId),
  Key: `agent/${AGENT_VERSION}/${ARCHITECTURE}/${name}`,
});

// The signature as well: with another key the same files are news.
async function isPublished(bootstrap: Bootstrap, folder: string): Promise<boolean> {
  for (const name of [LIST, SIGNATURE]) {
    const found = await published(bootstrap, name);
    if (found === undefined || !found.equals(await readFile(join(folder, name)))) return false;
  }
  return true;
}

async function published(bootstrap: Bootstrap, name: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await bootstrap.s3.send(new GetObjectCommand(place(bootstrap, name)));
    return Body && Buffer.from(await Body.transformToByteArray());
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

// The list comes last: a node that boots meanwhile refuses what does not fit together, and tries again.
async function publish(bootstrap: Bootstrap, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name !== LIST && name !== SIGNATURE);
  for (const name of [...files, SIGNATURE, LIST]) {
    const Body = await readFile(join(folder, name));
    await bootstrap.s3.send(new PutObjectCommand({ ...place(bootstrap, name), Body }));
  }
}
