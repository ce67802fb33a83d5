/** What `provision/manifest.sh` tells of an image, and what its agent is made of. */
export interface ImageContent {
  /** Lines of name, version and architecture, separated by tabs. */
  readonly packages: string;
  /** Lines of KEY=VALUE. */
  readonly image: string;
  /** npm packages of the agent's bundle. */
  readonly npm: Readonly<Record<string, string>>;
}

interface Component {
  readonly type: "library" | "application" | "operating-system" | "container";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
}

/** A list of parts in the form of CycloneDX 1.6: the distribution's packages, the agent's npm packages, the images. */
export function sbomOf(content: ImageContent): object {
  const facts = factsOf(content.image);
  const system = facts.get("os")?.[0] ?? "unknown";
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "operating-system", name: system, version: facts.get("kernel")?.[0] ?? "" } },
    components: [
      ...distributionPackages(content.packages, system),
      ...Object.entries(content.npm).map(([name, version]): Component => {
        const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
        return { type: "library", name, version, purl };
      }),
      ...["agent", "node", "engine", "compose"].flatMap((name): Component[] =>
        (facts.get(name) ?? []).map((version) => ({ type: "application", name, version })),
      ),
      ...(facts.get("image") ?? []).map((reference): Component => {
        const [name = "", version = ""] = reference.split("@");
        return { type: "container", name, version };
      }),
    ],
  };
}

/** Reads lines of KEY=VALUE; a key may be there several times. */
export function factsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const facts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^([a-z_]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) facts.set(key, [...(facts.get(key) ?? []), value]);
  }
  return facts;
}

function distributionPackages(text: string, system: string): Component[] {
  const [kind, vendor] = system.startsWith("Amazon") ? ["rpm", "amzn"] : ["deb", "debian"];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [name = "", version = "", architecture = ""] = line.split("\t");
    const purl = `pkg:${kind}/${vendor}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
    return { type: "library", name, version, purl };
  });
}
