import { chmod, copyFile, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "../../node-agent/src/base/durable.ts";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { type ContextFile, contextFiles } from "./context.ts";
import { distFolder, root } from "./folders.ts";

/** The image of a storefront that is not ours, which a release runs in the place of ours. */
export const OWN_STOREFRONT = "own-storefront";

/** Which image of this checkout a service of a release runs. */
export const imageOf = (service: string, own: Application | undefined): string =>
  service === "storefront" && own ? OWN_STOREFRONT : service;

/** Of our storefront, for any application of Next.js: health, draining, and what checks its packages. */
const SHARED = new Set([
  "build/verify-lock.ts",
  "server/pages.ts",
  "server/readiness.ts",
  "server/shop-server.ts",
  "server/stop.ts",
]);

/** Where somebody's application lies. */
export interface Application {
  readonly folder: string;
  readonly files: readonly ContextFile[];
}

/** Next reads them where the application is developed; they may hold secrets, and an image is read by many. */
const OF_THIS_MACHINE = /(^|\/)\.env(\.[a-z]+)?\.local$/;

/** The application in a folder; every reason why it cannot be built is told at once. */
export async function readApplication(given: string): Promise<Application> {
  const folder = resolve(given);
  const files = (await contextFiles(folder).catch(() => [])).filter(({ name }) => !OF_THIS_MACHINE.test(name));
  const text = async (name: string | undefined) =>
    name === undefined ? undefined : readFile(join(folder, name), "utf8").catch(() => undefined);
  const names = files.map(({ name }) => name);
  const problems = problemsOf({
    manifest: await text("package.json"),
    hasLock: names.includes("package-lock.json"),
    config: await text(names.find((name) => /^next\.config\.(js|mjs|ts)$/.test(name))),
  });
  if (problems.length === 0) return { folder, files };
  throw new UsageError(`${given} cannot be built as a storefront`, {
    code: "usage.storefront",
    why: problems.join("; "),
    fix: "see docs/your-shop.md, A storefront of your own",
  });
}

/** What is read of an application; undefined where there is no such file. */
export interface Found {
  readonly manifest: string | undefined;
  readonly hasLock: boolean;
  readonly config: string | undefined;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Why this is no application that can be built into an image. */
export function problemsOf({ manifest, hasLock, config }: Found): string[] {
  if (manifest === undefined) return ["it holds no package.json"];
  const { dependencies = {}, scripts = {} } = parsed(manifest);
  return [
    ...(dependencies.next === undefined ? ["its package.json names no dependency next"] : []),
    ...(scripts.build === undefined ? ["its package.json has no script build"] : []),
    ...(hasLock ? [] : ["it has no package-lock.json (npm install makes it)"]),
    ...(/\boutput\s*:\s*["'`]standalone["'`]/.test(config ?? "")
      ? []
      : ['its next.config does not say output: "standalone"']),
  ];
}

function parsed(manifest: string): Manifest {
  try {
    return JSON.parse(manifest) as Manifest;
  } catch {
    return {};
  }
}

/** Puts recipe and application together where the bake file looks for them. */
export async function stageApplication({ files }: Application): Promise<void> {
  const staged = join(distFolder, OWN_STOREFRONT);
  await rm(staged, { recursive: true, force: true });
  const recipe = await contextFiles(join(root, "images", OWN_STOREFRONT));
  const shared = (await contextFiles(join(root, "images/storefront"))).filter(({ name }) => SHARED.has(name));
  const copies = [...recipe, ...shared, ...files.map((file) => ({ ...file, name: join("app", file.name) }))];
  for (const { name, path, mode } of copies) {
    const target = join(staged, name);
    await makeFolder(dirname(target));
    await copyFile(path, target);
    await chmod(target, mode);
  }
}
