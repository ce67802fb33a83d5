import { ConfigurationError } from "../../base/errors.ts";
import { NODE_DOCUMENT_PATH } from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import { type NodeDocument, parseNodeDocument } from "../../core/config/node-document.ts";
import { type Instance, parseInstance } from "../../core/node/instance.ts";
import type { Imds, World } from "../../world.ts";
import type { Phase } from "../phase.ts";
import type { Identified, Node } from "../stages.ts";

/** The metadata service may come minutes late, with the network. */
const IMDS_BUDGET_MS = 120_000;

/** Learns who and where this machine is, and how to reach AWS as it. */
export const identify: Phase<unknown, Identified> = {
  name: "identify",
  async run(boot) {
    const { world } = boot;
    const document = await readDocument(world);
    const imds = world.imds(document.endpoints?.imds);
    const instance = imds && (await readInstance(world, imds));
    const region = document.region ?? instance?.region;
    if (region === undefined) throw noRegion(world);
    const node = { document, region, ...(instance ? { instance } : {}) };
    const aws = world.aws({ region, endpoints: document.endpoints });
    return { note: noteOf(node), learned: { node, aws } };
  },
};

/** The checked node document; needs nothing but the file. */
export async function readDocument({ files }: World): Promise<NodeDocument> {
  const text = await files.readText(NODE_DOCUMENT_PATH);
  if (text !== undefined) return parseNodeDocument(text, files.path(NODE_DOCUMENT_PATH));
  throw new ConfigurationError(`identify: ${files.path(NODE_DOCUMENT_PATH)} does not exist`, {
    code: "node.no-document",
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
    return instance ? done(instance) : pending("IMDS gave no whole identity document");
  });
}

function noRegion({ files }: World): ConfigurationError {
  return new ConfigurationError("identify: the region is not known", {
    code: "node.region",
    why: `${files.path(NODE_DOCUMENT_PATH)} names none, and there is no instance metadata to ask`,
    fix: 'add "region", such as eu-west-3',
  });
}

function noteOf({ document, region, instance }: Node): string {
  const where = instance ? `${instance.id} in ${instance.zone}` : `local in ${region}`;
  return `${document.role} of ${document.environment}, ${where}`;
}
