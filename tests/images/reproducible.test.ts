import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { $ } from "zx";
import { findImage } from "../../scripts/images/engine.ts";
import { imageFacts } from "../../scripts/images/image-facts.ts";
import { foundationOf, prepareBuild } from "../../scripts/images/prepare-build.ts";
import { provenanceOf } from "../../scripts/images/provenance.ts";
import type { Target } from "../../scripts/images/recipe.ts";
import { differingFiles, freshBuild, inspect, packageRecord, removeImage } from "./fresh-build.ts";
import { isShownReproducible, rememberReproducible } from "./reproduced.ts";

const HOST_CA = "/etc/ssl/certs/ca-certificates.crt";
const given = process.env.NODE_EXTRA_CA_CERTS;
const bundle = join(tmpdir(), `greenleaf-canary-${process.pid}.pem`);
let canary: string[] = [];

beforeAll(async () => {
  const key = `${bundle}.key`;
  await $({
    quiet: true,
  })`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ${key} -out ${bundle} -subj ${"/CN=canary"}`;
  const certificate = await readFile(bundle, "utf8");
  await rm(key);
  // Lines of its body: they are in no other file of the world.
  canary = certificate.split("\n").slice(2, 6);
  await writeFile(bundle, `${await readFile(given ?? HOST_CA, "utf8").catch(() => "")}\n${certificate}`);
  process.env.NODE_EXTRA_CA_CERTS = bundle;
});

afterAll(async () => {
  if (given === undefined) delete process.env.NODE_EXTRA_CA_CERTS;
  else process.env.NODE_EXTRA_CA_CERTS = given;
  // Writes this machine's own bundle back where the canary's was.
  await prepareBuild();
  await rm(bundle, { force: true });
});

async function targetOf(name: string): Promise<Target> {
  const target = (await prepareBuild()).targets.find((target) => target.name === name);
  if (!target) throw new Error(`the bake file has no target ${name}`);
  return target;
}

/** An image to compare with: the present one where these very sources made it, else a build of its own. */
async function firstBuild(name: string): Promise<{ image: string; remove: boolean }> {
  const target = await targetOf(name);
  const labels = (await findImage(`greenleaf/${name}:local`))?.labels ?? {};
  const { revision } = await provenanceOf(target.context);
  const { recipe } = await foundationOf(target);
  const isSame = labels["io.greenleaf.recipe"] === recipe && labels["org.opencontainers.image.revision"] === revision;
  if (isSame && revision !== "unknown" && !revision.endsWith("-dirty"))
    return { image: `greenleaf/${name}:local`, remove: false };
  return { image: await freshBuild(name, "first", { recorded: false }), remove: true };
}

const DEBIAN = ["base", "node", "caddy", "postgres", "valkey", "aws"];
const NPM = ["backend", "storefront"];

describe("two builds without cache", () => {
  for (const name of [...DEBIAN, ...NPM]) {
    test(`of ${name} give the same layers and the same configuration, and take no CA bundle in`, async (context) => {
      if (!(await findImage(`greenleaf/${name}:local`))) {
        context.skip(`greenleaf/${name} is not built: ./greenleaf images ${name}`);
      }
      const { recipe } = await foundationOf(await targetOf(name));
      if (await isShownReproducible(name, recipe)) {
        console.info(`${name}: two builds of recipe ${recipe.slice(0, 12)} gave the same bytes before`);
        return;
      }
      // Debian's mirror may have moved on since the present image was made; the two compared here are minutes apart.
      const first = DEBIAN.includes(name)
        ? { image: await freshBuild(name, "first", { recorded: false }), remove: true }
        : await firstBuild(name);
      const record = await packageRecord(name);
      if (DEBIAN.includes(name) && name !== "node") expect(record).toContain('"sha256"');
      const second = await freshBuild(name, "second", { recorded: true });
      try {
        expect(await packageRecord(name)).toBe(record);
        expect(await differingFiles(first.image, second)).toEqual([]);
        const [one, two] = [await inspect(first.image), await inspect(second)];
        expect(two.RootFS.Layers).toEqual(one.RootFS.Layers);
        expect(two.Config).toEqual(one.Config);
        expect(two.Id).toBe(one.Id);
        expect((await imageFacts(second, canary)).found).toEqual([]);
        await rememberReproducible(name, recipe);
      } finally {
        await removeImage(second);
        if (first.remove) await removeImage(first.image);
      }
    });
  }

  test("see the canary where it is: the search itself works", async () => {
    await prepareBuild();
    const secrets = new URL("../../dist/images/secrets/ca", import.meta.url);
    expect(await readFile(secrets, "utf8")).toContain(canary[0]);
    const bundle = (await imageFacts("greenleaf/base:local", ["-----BEGIN CERTIFICATE-----"])).found;
    expect(bundle.map(({ path }) => path)).toEqual(["etc/ssl/certs/ca-certificates.crt"]);
  });
});
