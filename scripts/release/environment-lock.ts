import { TemporaryError, UsageError } from "../../node-agent/src/base/errors.ts";
import type { Publisher } from "./registry/publisher.ts";

/** Who moves an environment just now. */
export interface Holder {
  /** ARN of the operator. */
  readonly by: string;
  /** ISO 8601, to the second: what breaks this lock and no later one. */
  readonly since: string;
  /** As the operator asked for it: `deploy prod 20261127-1a2b`. */
  readonly command: string;
}

export interface Asked {
  readonly environment: string;
  readonly command: string;
  /** The `since` of a lock whose operator is known to be gone. */
  readonly broken: string | undefined;
}

/** Not below /greenleaf/ENV/, which nodes read. */
const nameOf = (environment: string): string => `/greenleaf-account/locks/${environment}`;

/**
 * Runs `move` while no other operator moves the environment: two at once would leave nodes of two releases, each put back
 * to what the other had begun. The lock is a parameter, made by a call that fails where there is one.
 */
export async function withEnvironmentLock<Value>(
  publisher: Publisher,
  asked: Asked,
  move: () => Promise<Value>,
  now: () => Date = () => new Date(),
): Promise<Value> {
  const name = nameOf(asked.environment);
  const since = `${now().toISOString().slice(0, 19)}Z`;
  const ours = JSON.stringify({ by: publisher.by, since, command: asked.command } satisfies Holder);
  if (asked.broken !== undefined) await breakLock(publisher, name, asked);
  if (!(await publisher.createParameter(name, ours))) throw held(asked, await holderOf(publisher, name));
  try {
    return await move();
  } finally {
    // One that was broken meanwhile is another's by now.
    if ((await publisher.parameter(name)) === ours) await publisher.removeParameter(name);
  }
}

async function breakLock(publisher: Publisher, name: string, { environment, broken }: Asked): Promise<void> {
  const holder = await holderOf(publisher, name);
  if (holder === undefined) return;
  if (holder.since !== broken) {
    throw new UsageError(`the lock of ${environment} is not the one of ${broken}`, {
      code: "usage.lock",
      why: wordsOf(holder),
      fix: `--break-lock ${holder.since}, when that operator is known to be gone`,
    });
  }
  await publisher.removeParameter(name);
}

async function holderOf(publisher: Publisher, name: string): Promise<Holder | undefined> {
  const text = await publisher.parameter(name);
  if (text === undefined) return undefined;
  try {
    const { by, since, command } = JSON.parse(text) as Partial<Holder>;
    return { by: String(by), since: String(since), command: String(command) };
  } catch {
    return { by: "somebody", since: "unknown", command: text.slice(0, 80) };
  }
}

const wordsOf = ({ by, since, command }: Holder): string => `${by} holds it since ${since}, with "${command}"`;

function held({ environment }: Asked, holder: Holder | undefined): TemporaryError {
  return new TemporaryError(`${environment} is being moved by somebody else`, {
    code: "deploy.held",
    // It may have ended between the two looks.
    why: holder === undefined ? "another operator held it a moment ago" : wordsOf(holder),
    fix:
      holder === undefined
        ? "run the same command again"
        : `wait for its end; when that operator is known to be gone, add --break-lock ${holder.since}`,
  });
}
