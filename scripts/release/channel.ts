import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { type Channel, deployed } from "./decisions.ts";
import { isSameRelease, issue, type SigningKeys } from "./issue.ts";
import type { Publisher } from "./registry/publisher.ts";

const names = (environment: string) => ({
  current: `/greenleaf/${environment}/release`,
  previous: `/greenleaf/${environment}/previous`,
});

const objectOf = (id: string): string => `release/${id}.json`;

export async function readChannel(publisher: Publisher, environment: string): Promise<Channel> {
  const { current, previous } = names(environment);
  const [now, before] = await Promise.all([publisher.parameter(current), publisher.parameter(previous)]);
  return { current: now, previous: before };
}

/** The release before goes first, so that a command that is killed between the two can still be rolled back. */
export async function writeChannel(publisher: Publisher, environment: string, wanted: Channel): Promise<void> {
  const name = names(environment);
  if (wanted.previous !== undefined) await publisher.setParameter(name.previous, wanted.previous);
  if (wanted.current !== undefined) await publisher.setParameter(name.current, wanted.current);
}

/** One move of an environment to a release; `at` is ISO 8601, `by` the ARN of who moved it. */
export interface ChannelChange {
  readonly at: string;
  readonly by: string;
  readonly from?: string;
  readonly to: string;
}

/** Every move of an environment that Parameter Store still knows (a hundred versions), oldest first. */
export async function channelHistory(publisher: Publisher, environment: string): Promise<readonly ChannelChange[]> {
  const versions = await publisher.history(names(environment).current);
  return versions.map(({ value, at, by }, index) => changeTo({ at, by, to: idOf(value) }, versions[index - 1]?.value));
}

const changeTo = (change: Omit<ChannelChange, "from">, before: string | undefined): ChannelChange =>
  before === undefined ? change : { ...change, from: idOf(before) };

export interface Published {
  /** A signed release, of any environment. */
  readonly document: string;
  readonly keys: SigningKeys;
}

/** What the environment is told so that its nodes run a release: the document, issued for it, and the one before. */
export function pointed(environment: string, before: Channel, { document, keys }: Published): Channel {
  const issued = issue(document, keys, { environment, after: before.current });
  // The same release under another signature is no other one: what ran before it stays the way back.
  const isSame = isSameRelease(issued, before.current);
  return isSame ? { current: issued, previous: before.previous } : deployed(before, issued);
}

/** Makes a release the environment's; false when it is already. */
export async function point(publisher: Publisher, environment: string, published: Published): Promise<boolean> {
  const before = await readChannel(publisher, environment);
  const after = pointed(environment, before, published);
  if (after.current === before.current) return false;
  await writeChannel(publisher, environment, after);
  return true;
}

/** Keeps a signed document by its id, for `deploy` to find. */
export const keepDocument = (publisher: Publisher, id: string, document: string): Promise<"made" | "there"> =>
  publisher.keep(objectOf(id), new TextEncoder().encode(document));

/** A published release by its id, as it was signed; undefined when there is none. */
export async function publishedDocument(publisher: Publisher, id: string): Promise<string | undefined> {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) ? publisher.read(objectOf(id)) : undefined;
}

export async function documentOf(publisher: Publisher, id: string): Promise<string> {
  const document = await publishedDocument(publisher, id);
  if (document !== undefined) return document;
  throw new ConfigurationError(`there is no release ${id}`, {
    code: "release.unknown",
    why: `s3://${publisher.bucket}/${objectOf(id)} does not exist`,
    fix: "./greenleaf release publishes this checkout and prints its id",
  });
}

export const idOf = (document: string | undefined): string =>
  document === undefined ? "none" : parseRelease(document, "the release").id;
