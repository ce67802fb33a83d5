import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import { eventText, type LogEvent } from "../../node-agent/src/base/log.ts";
import { fetch } from "../../node-agent/src/phases/boot/fetch.ts";
import { identify } from "../../node-agent/src/phases/boot/identify.ts";
import { render } from "../../node-agent/src/phases/boot/render.ts";
import { type Boot, type Mode, runPhases, Sequence } from "../../node-agent/src/phases/phase.ts";
import type { Templated } from "../../node-agent/src/phases/stages.ts";
import { realWorld, type World } from "../../node-agent/src/world.ts";
import type { Canary } from "./canaries.ts";
import type { FakeAws } from "./fake-aws.ts";

export const PARAMETERS = 37;
export const SECRETS = 25;
const MEMBERS = 8;
/** Parameters come in batches of 10 and secrets of 20, in the order the templates ask for them. */
export const BATCHES = 6;

const number = (index: number): string => String(index).padStart(2, "0");

/** Two templates that ask for all there is, so that every batch matters to a file. */
export function manyTemplates(): ReadonlyMap<string, string> {
  const parameters = Array.from({ length: PARAMETERS }, (_, index) => `P${number(index)}={{ssm "p${number(index)}"}}`);
  const secrets = Array.from({ length: SECRETS }, (_, index) =>
    Array.from(
      { length: MEMBERS },
      (_, member) => `S${number(index)}_${member}={{secret "s${number(index)}#m${member}"}}`,
    ),
  ).flat();
  return new Map([
    ["backend.env.hbs", ["# greenleaf: reader=compose", ...parameters, ""].join("\n")],
    ["storefront.env.hbs", ["# greenleaf: reader=node", ...secrets, ""].join("\n")],
  ]);
}

/** How many canaries `fill` needs. */
export const CANARIES = PARAMETERS + SECRETS * MEMBERS;

/** Fills the store below /greenleaf/test; every value is a canary. */
export function fill(aws: FakeAws, canaries: readonly Canary[]): void {
  const values = canaries.map(({ value }) => value);
  for (let index = 0; index < PARAMETERS; index += 1) {
    aws.parameters.set(`/greenleaf/test/p${number(index)}`, { value: values[index]!, type: "SecureString" });
  }
  for (let index = 0; index < SECRETS; index += 1) {
    const from = PARAMETERS + index * MEMBERS;
    const members = values.slice(from, from + MEMBERS).map((value, member) => [`m${member}`, value]);
    aws.secrets.set(`greenleaf/test/s${number(index)}`, JSON.stringify(Object.fromEntries(members)));
  }
}

/** Which batch a request asks for, from 0; undefined for a request that asks for none. */
export function batchOf({ Names, SecretIdList }: Record<string, unknown>): number | undefined {
  const [name] = (Names ?? SecretIdList ?? []) as string[];
  const index = Number(/\d\d$/.exec(name ?? "")?.[0]);
  if (Number.isNaN(index)) return undefined;
  return Names === undefined ? 4 + Math.floor(index / 20) : Math.floor(index / 10);
}

/** A clock whose sleeps take no time but count. */
export function skippingClock(): World["clock"] & { readonly sleptMs: () => number } {
  let skippedMs = 0;
  return {
    now: () => performance.now() + skippedMs,
    date: () => new Date(),
    sleep: async (ms) => void (skippedMs += ms),
    alarm: () => () => undefined,
    sleptMs: () => skippedMs,
  };
}

export interface ConfigNode {
  readonly root: string;
  /** Runs identify, fetch and render in this process. */
  run(options?: {
    mode?: Mode;
    budgetMs?: number;
    clock?: World["clock"];
    templates?: ReadonlyMap<string, string>;
  }): Promise<Ran>;
  /** The .env files, by name. */
  files(): Promise<Readonly<Record<string, string>>>;
  /** Everything that lies in the run folder. */
  names(): Promise<readonly string[]>;
  write(path: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export interface Ran {
  readonly exitCode: number;
  /** Everything a person or a machine gets to read: events as text and JSON, operations, results, the error in full. */
  readonly told: string;
  readonly error: unknown;
  readonly boot: Boot;
  readonly ms: number;
}

const RUN = "run/greenleaf";

/** A node below a temporary root, whose AWS is at `endpoint`. */
export async function newConfigNode(
  endpoint: string,
  endpoints: Record<string, string> = { imds: "none" },
): Promise<ConfigNode> {
  const root = await mkdtemp(join(tmpdir(), "greenleaf-node-"));
  const document = {
    version: 1,
    project: "greenleaf",
    environment: "test",
    role: "app",
    parameters: "/greenleaf/test",
    release: "file:///release.json",
    region: "eu-west-3",
    endpoints: { aws: endpoint, ...endpoints },
  };
  const write = async (path: string, text: string) => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text, { mode: 0o600 });
  };
  await write("etc/greenleaf/node.json", JSON.stringify(document));
  const names = async () => (await readdir(join(root, RUN)).catch((): string[] => [])).sort();
  return {
    root,
    write,
    names,
    run: (options = {}) => runHere(root, options),
    files: async () => {
      const files = (await names()).filter((name) => name.endsWith(".env"));
      return Object.fromEntries(
        await Promise.all(files.map(async (name) => [name, await readFile(join(root, RUN, name), "utf8")])),
      );
    },
    remove: () => rm(root, { recursive: true }),
  };
}

async function runHere(root: string, options: Parameters<ConfigNode["run"]>[0] & object): Promise<Ran> {
  const { mode = "apply", budgetMs, clock = skippingClock(), templates = manyTemplates() } = options;
  const events: LogEvent[] = [];
  const boot: Boot & Templated = {
    world: { ...realWorld({ root }), clock },
    log: { emit: (event) => void events.push(event) },
    mode,
    operations: [],
    results: [],
    templates,
    ...(budgetMs === undefined ? {} : { awsBudgetMs: budgetMs }),
  };
  const start = performance.now();
  const error: unknown = await runPhases(boot, Sequence.of<Templated>().next(identify).next(fetch).next(render)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const told = [
    ...events.map(eventText),
    ...events.map((event) => JSON.stringify(event)),
    JSON.stringify([boot.operations, boot.results, boot.degraded]),
    ...(error === undefined ? [] : [describeError(error), ...inDepth(error)]),
  ];
  const exitCode = error === undefined ? (boot.degraded === undefined ? 0 : 2) : exitCodeOf(error);
  return { exitCode, told: told.join("\n"), error, boot, ms: performance.now() - start };
}

/** What a crash report would show: stacks and causes, to the ground. */
function inDepth(error: unknown): string[] {
  if (!(error instanceof Error)) return [JSON.stringify(error)];
  const own = JSON.stringify(
    Object.fromEntries(Object.getOwnPropertyNames(error).map((name) => [name, String((error as never)[name])])),
  );
  return [own, ...(error.cause === undefined ? [] : inDepth(error.cause))];
}

/** The widest permission bits of the .env files. */
export async function widestMode(node: ConfigNode): Promise<number> {
  const modes = await Promise.all(
    (await node.names()).map(async (name) => (await stat(join(node.root, RUN, name))).mode & 0o777),
  );
  return modes.reduce((widest, mode) => widest | mode, 0);
}
