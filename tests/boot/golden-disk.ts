import { createHash } from "node:crypto";
import type { Release } from "../../node-agent/src/core/stack/release.ts";
import { type Instance, newInstance } from "./instance.ts";
import { docker } from "./machine-images.ts";
import { ECR, type World } from "./world.ts";

/** A second, empty volume says that a disk was filled to its end: labels cannot be added later. */
const WHOLE = "-whole";

/** What an instance in AWS finds around it: a CA it trusts the registry by, and the VPC's resolver for its containers. */
export const surroundings = ({ authority, resolver }: World): Readonly<Record<string, string>> => ({
  "/etc/docker/daemon.json": JSON.stringify({ dns: [resolver] }),
  [`/etc/docker/certs.d/${ECR}/ca.crt`]: authority,
});

/** A disk with the release's images, pulled from the registry as Packer does; made once for each set of images. */
export async function goldenDisk(world: World, image: string, { images }: Release): Promise<string> {
  const references = Object.values(images).toSorted();
  const disk = `greenleaf-test-disk-${createHash("sha256").update(references.join()).digest("hex").slice(0, 12)}`;
  const [whole] = docker("volume", "ls", "--quiet", "--filter", `name=^${disk}-[0-9]+${WHOLE}$`).split("\n");
  if (whole) return whole.slice(0, -WHOLE.length);
  // A run beside this one fills another.
  const volume = `${disk}-${process.pid}`;
  const builder = newInstance({
    name: `${world.name}-packer`,
    image,
    network: world.network,
    hosts: world.hosts,
    imds: `${world.gateway}:9`,
    files: { ...surroundings(world), "/etc/cloud/cloud-init.disabled": "" },
  });
  try {
    builder.start();
    await pullAll(world, builder, references);
    builder.stop();
    const line = "rm -rf /to/* && cp -a /from/. /to/";
    const from = `${builder.name}-docker:/from`;
    docker("run", "--rm", "--volume", from, "--volume", `${volume}:/to`, image, "sh", "-c", line);
    docker("volume", "create", `${volume}${WHOLE}`);
  } finally {
    builder.remove();
  }
  return volume;
}

async function pullAll(world: World, builder: Instance, references: readonly string[]): Promise<void> {
  const password = "packer";
  world.standIn.fleet.tokens.add(password);
  const login = `mkdir -p /run/login && printf '{"auths":{"${ECR}":{"auth":"${Buffer.from(`AWS:${password}`).toString("base64")}"}}}' >/run/login/config.json`;
  const pulls = references.map((reference) => `docker --config /run/login pull -q ${reference}`).join(" && ");
  const up = "for i in $(seq 100); do docker version >/dev/null 2>&1 && break; sleep 0.2; done";
  const { code, stderr } = await builder.run(`${login}; ${up}; ${pulls}`, 180_000);
  if (code !== 0) throw new Error(`the golden disk could not be filled: ${stderr}`);
}
