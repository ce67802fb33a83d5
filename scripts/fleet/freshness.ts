import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { bucketName } from "../bootstrap/buckets.ts";
import { type AwsAccount, json, query } from "./aws.ts";
import type { FleetNode } from "./nodes.ts";

const EC2 = { service: "ec2", version: "2016-11-15" };
const DAY_MS = 86_400_000;

/** How old what a node runs is. What AWS does not tell, or not to these credentials, is undefined or `?`. */
export interface NodeFreshness {
  /** Whether its distribution has published a newer image since: the node lacks what that one has. */
  readonly updates: "waiting" | "none" | "?";
  /** Version of its agent, and days since that was published. */
  readonly agent: string;
  readonly agentDays: number | undefined;
}

export interface Freshness {
  readonly nodes: ReadonlyMap<string, NodeFreshness>;
  /** By environment: days since the oldest container image of its release was pushed. */
  readonly baseDays: Readonly<Record<string, number | undefined>>;
}

type Node = Pick<FleetNode, "id" | "role" | "image">;
type Releases = Readonly<Record<string, { readonly images?: Readonly<Record<string, string>> }>>;

export async function freshnessOf(
  account: AwsAccount,
  { nodes, releases }: { readonly nodes: readonly Node[]; readonly releases: Releases },
  now = new Date(),
): Promise<Freshness> {
  const [agents, newest] = [agentDates(account), newestImages(account)];
  const found = new Map<string, NodeFreshness>();
  for (const node of nodes) {
    const image = await known(() => imageFacts(account, node.image));
    const agent = await agentOf(account, node, image?.agent);
    const agentDays = daysSince(agent === undefined ? undefined : await agents(agent), now);
    const updates = updatesOf(image?.made, image && (await newest(image.system)));
    found.set(node.id, { updates, agent: agent ?? "?", agentDays });
  }
  const baseDays: Record<string, number | undefined> = {};
  for (const [environment, { images = {} }] of Object.entries(releases)) {
    baseDays[environment] = daysSince(await known(() => oldestPush(account, Object.values(images))), now);
  }
  return { nodes: found, baseDays };
}

const daysSince = (date: Date | undefined, now: Date): number | undefined =>
  date === undefined ? undefined : Math.floor((now.getTime() - date.getTime()) / DAY_MS);

/** A golden image is baked with every update there is, so that a newer one of the vendor's has what it has not. */
function updatesOf(made: Date | undefined, newest: Date | undefined): NodeFreshness["updates"] {
  if (made === undefined || newest === undefined) return "?";
  return newest > made ? "waiting" : "none";
}

/** A question whose failure says nothing: who only reads the fleet may lack a right or two. */
async function known<Value>(ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

/** The same question once. */
function remembered<Value>(ask: (name: string) => Promise<Value | undefined>) {
  const asked = new Map<string, Promise<Value | undefined>>();
  return (name: string): Promise<Value | undefined> => {
    const answer = asked.get(name) ?? known(() => ask(name));
    asked.set(name, answer);
    return answer;
  };
}

interface ImageFacts {
  readonly made: Date;
  readonly system: string;
  /** Of a golden image: the agent that was baked into it. */
  readonly agent: string | undefined;
}

async function imageFacts(account: AwsAccount, image: string): Promise<ImageFacts | undefined> {
  const xml = await query(account, EC2, "DescribeImages", { "ImageId.1": image });
  const made = elementText(xml, "creationDate");
  if (made === undefined) return undefined;
  const tag = (name: string) => new RegExp(`<key>${name}</key>\\s*<value>([^<]*)</value>`).exec(xml)?.[1];
  const names = [...xml.matchAll(/<name>([^<]*)<\/name>/g)].map(([, name = ""]) => name).join(" ");
  const stock = /\bdebian-13-/.test(names) ? "debian-13" : "amazon-linux-2023";
  return { made: new Date(made), system: tag("Os") ?? stock, agent: tag("Agent") };
}

/** What terraform takes where there is no golden image. */
const AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.12-x86_64";
const DEBIAN = { "Owner.1": "136693071363", "Filter.1.Name": "name", "Filter.1.Value.1": "debian-13-amd64-*" };

/** When a distribution published its newest image. */
function newestImages(account: AwsAccount): (system: string) => Promise<Date | undefined> {
  return remembered(async (system) => {
    const asked = system === "debian-13" ? DEBIAN : { "ImageId.1": await amazonLinux(account) };
    const xml = await query(account, EC2, "DescribeImages", asked);
    const dates = [...xml.matchAll(/<creationDate>([^<]+)</g)].map(([, date = ""]) => new Date(date));
    return dates.toSorted((a, b) => a.getTime() - b.getTime()).at(-1);
  });
}

async function amazonLinux(account: AwsAccount): Promise<string> {
  const { Parameter } = await new SSMClient(clientOf(account)).send(new GetParameterCommand({ Name: AMAZON_LINUX }));
  return Parameter?.Value ?? "";
}

const clientOf = ({ region, endpoint, credentials }: AwsAccount) => ({
  region,
  credentials,
  ...(endpoint === undefined ? {} : { endpoint }),
});

/** A golden router keeps the agent of its image; every other node takes the one its user_data asks for. */
async function agentOf(account: AwsAccount, { id, role }: Node, baked: string | undefined) {
  if (role === "router" && baked !== undefined) return baked;
  return (await known(() => wantedAgent(account, id))) ?? baked;
}

async function wantedAgent(account: AwsAccount, InstanceId: string): Promise<string | undefined> {
  const xml = await query(account, EC2, "DescribeInstanceAttribute", { InstanceId, Attribute: "userData" });
  const script = Buffer.from(elementText(xml, "value") ?? "", "base64").toString();
  return /\bagent=(\d+\.\d+\.\d+)\b/.exec(script)?.[1];
}

/** When a version of the agent was published: its signed list goes last. */
function agentDates(account: AwsAccount): (version: string) => Promise<Date | undefined> {
  const s3 = new S3Client({ ...clientOf(account), forcePathStyle: account.endpoint !== undefined });
  const bucket = remembered(async () => {
    const xml = await query(account, { service: "sts", version: "2011-06-15" }, "GetCallerIdentity");
    return bucketName("artifacts", elementText(xml, "Account") ?? "");
  });
  return remembered(async (version) => {
    const place = { Bucket: (await bucket("")) ?? "", Key: `agent/${version}/x86_64/SHA256SUMS` };
    return (await s3.send(new HeadObjectCommand(place))).LastModified;
  });
}

const REGISTRY = { service: "ecr", target: "AmazonEC2ContainerRegistry_V20150921" };

/** Contents that did not change are not pushed again, so the date is that of the packages in them. */
async function oldestPush(account: AwsAccount, images: readonly string[]): Promise<Date | undefined> {
  const dates: number[] = [];
  for (const image of images) {
    const [, repositoryName = "", imageDigest = ""] = /^[^/]+\/(.+)@(sha256:\w+)$/.exec(image) ?? [];
    const asked = { repositoryName, imageIds: [{ imageDigest }] };
    const { imageDetails = [] } = await json(account, REGISTRY, "DescribeImages", asked);
    for (const { imagePushedAt } of imageDetails as ReadonlyArray<{ imagePushedAt?: number }>) {
      if (imagePushedAt !== undefined) dates.push(imagePushedAt * 1000);
    }
  }
  return dates.length === 0 ? undefined : new Date(Math.min(...dates));
}
