import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type LockedPackage, packagesIn } from "../audit/lock-files.ts";
import { layerStream, withImageArchive } from "../images/archive/image-archive.ts";
import { collect, readTar } from "../images/archive/tar.ts";

/** Where images keep the records of their Debian packages, their parents' among them. */
const RECORDS = /^(\.?\/)?usr\/share\/greenleaf\/packages\/.+\.jsonl$/;

export interface Sbom {
  /** Hexadecimal; what a release names it by. */
  readonly sha256: string;
  readonly text: string;
}

interface Source {
  /** The image of this checkout, by its name. */
  readonly image: string;
  /** The lock file it was built with, where it has one. */
  readonly lock: string;
}

/** What an image is made of: the package records inside it, and the lock file it was built with. */
export async function imageSbom(name: string, digest: string, { image, lock }: Source): Promise<Sbom> {
  const packages = existsSync(lock) ? packagesIn(await readFile(lock, "utf8")) : [];
  const text = sbomText({ name, digest, records: await recordsIn(`greenleaf/${image}:local`), packages });
  return { sha256: createHash("sha256").update(text).digest("hex"), text };
}

function recordsIn(image: string): Promise<string> {
  return withImageArchive(image, async ({ layers }) => {
    const found: Buffer[] = [];
    for (const layer of layers)
      for await (const entry of readTar(await layerStream(layer)))
        if (RECORDS.test(entry.name)) found.push(await collect(entry.body()));
    return Buffer.concat(found).toString();
  });
}

export interface Parts {
  readonly name: string;
  readonly digest: string;
  /** One JSON object a line: name, version, architecture and SHA-256 of a Debian package. */
  readonly records: string;
  readonly packages: readonly LockedPackage[];
}

interface Component {
  readonly type: "library";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
}

/** CycloneDX 1.6 without a date or a serial number: the same image gives the same bytes. */
export function sbomText({ name, digest, records, packages }: Parts): string {
  const components = [...debianComponents(records), ...packages.filter(({ isDev }) => !isDev).map(npmComponent)];
  const byPurl = new Map(components.map((component) => [component.purl, component]));
  const sbom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "container", name: `greenleaf/${name}`, version: digest } },
    components: [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
  };
  return `${JSON.stringify(sbom, undefined, 1)}\n`;
}

function debianComponents(records: string): Component[] {
  const lines = records.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const { name = "", version = "", architecture, sha256 = "" } = JSON.parse(line) as Readonly<Record<string, string>>;
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-13`;
    return { type: "library", name, version, purl, hashes: [{ alg: "SHA-256", content: sha256 }] };
  });
}

function npmComponent({ name, version }: LockedPackage): Component {
  return { type: "library", name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}` };
}
