import { type Instance, parseInstance } from "../core/instance.ts";
import { NODE_DOCUMENT_PATH, type NodeDocument, parseNodeDocument } from "../core/node-document.ts";
import { done, notYet, until } from "../core/retry.ts";
import { ConfigurationError } from "../errors.ts";
import type { Imds, World } from "../world.ts";
import type { Node, Phase } from "./phase.ts";

/** The metadata service may come minutes late, with the network. */
const IMDS_BUDGET_MS = 120_000;

/** Learns who and where this machine is, and how to reach AWS as it. */
export const identify: Phase = {
  name: "identify",
  async run(boot) {
    const { world } = boot;
    const document = await readDocument(world);
    const imds = world.imds(document.endpoints?.imds);
    const instance = imds && (await readInstance(world, imds));
    const region = document.region ?? instance?.region;
    if (region === undefined) throw noRegion(world);
    boot.node = { document, region, ...(instance ? { instance } : {}) };
    boot.aws = world.aws({ region, endpoints: document.endpoints });
    return noteOf(boot.node);
  },
};

/** The checked node document; needs nothing but the file. */
export async function readDocument({ files }: World): Promise<NodeDocument> {
  const text = await files.read(NODE_DOCUMENT_PATH);
  if (text !== undefined) return parseNodeDocument(text, files.path(NODE_DOCUMENT_PATH));
  throw new ConfigurationError(`identify: ${files.path(NODE_DOCUMENT_PATH)} does not exist`, {
    why: "it tells this machine its project, environment, role, parameters and release",
    fix: "write it (node-agent/README.md shows the shape), then boot again",
  });
}

async function readInstance({ clock }: World, imds: Imds): Promise<Instance> {
  const wait = {
    what: "the instance metadata service",
    withinMs: IMDS_BUDGET_MS,
    everyMs: 500,
    growth: 2,
    maxMs: 20_000,
    fix: 'enable the metadata endpoint; a machine that is no EC2 instance sets "endpoints": {"imds": "none"}',
  };
  return until(clock, wait, async () => {
    const answer = await imds.read("dynamic/instance-identity/document");
    if (!answer.done) return answer;
    const instance = answer.value === undefined ? undefined : parseInstance(answer.value);
    return instance ? done(instance) : notYet("IMDS gave no whole identity document");
  });
}

function noRegion({ files }: World): ConfigurationError {
  return new ConfigurationError("identify: the region is not known", {
    why: `${files.path(NODE_DOCUMENT_PATH)} names none, and there is no instance metadata to ask`,
    fix: 'add "region", such as eu-west-3',
  });
}

function noteOf({ document, region, instance }: Node): string {
  const where = instance ? `${instance.id} in ${instance.zone}` : `local in ${region}`;
  return `${document.role} of ${document.environment}, ${where}`;
}
