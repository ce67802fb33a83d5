import { parseRelease } from "../../node-agent/src/core/release.ts";
import { ConfigurationError } from "../../node-agent/src/errors.ts";
import type { Publisher } from "./publisher.ts";

/** What an environment is told to run, and what it was told before. */
export interface Channel {
  readonly current: string | undefined;
  readonly previous: string | undefined;
}

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

/** Makes a release the environment's; false when it is already. */
export async function point(publisher: Publisher, environment: string, document: string): Promise<boolean> {
  const { current } = await readChannel(publisher, environment);
  if (current === document) return false;
  await writeChannel(publisher, environment, { current: document, previous: current });
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
    why: `s3://${publisher.bucket}/${objectOf(id)} does not exist`,
    fix: "./greenleaf release publishes this checkout and prints its id",
  });
}

export const idOf = (document: string | undefined): string =>
  document === undefined ? "none" : parseRelease(document, "the release").id;
