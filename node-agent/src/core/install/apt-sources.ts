/** One archive that apt is told of. */
export interface AptSource {
  uri: string;
  suites: readonly string[];
  components: readonly string[];
  /** Path of the keyring it must be signed with; undefined for apt's own trust. */
  signedBy?: string;
}

/** Reads the one-line form (`deb [signed-by=..] URI suite component..`) of sources.list(5). */
export function parseSourcesList(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!found) return [];
    const [, options = "", uri = "", suite = "", components = ""] = found;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: words(components), ...keyring(signedBy) }];
  });
}

/** Reads the deb822 form (`Types: deb` ...) of sources.list(5). */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    if (!words(fields.get("types") ?? "").includes("deb") || fields.get("enabled") === "no") return [];
    const shared = {
      suites: words(fields.get("suites") ?? ""),
      components: words(fields.get("components") ?? ""),
      ...keyring(fields.get("signed-by")),
    };
    return words(fields.get("uris") ?? "").map((uri) => Object.assign({ uri }, shared));
  });
}

/** The mirror this machine has its own release from, as apt is told of it. */
export function mirrorOf(sources: readonly AptSource[], codename: string): AptSource | undefined {
  return sources.find(({ suites, components }) => suites.includes(codename) && components.includes("main"));
}

/** A sources file that adds nothing but one suite of a mirror. */
export function deb822({ uri, signedBy }: AptSource, suite: string): string {
  const keyringLine = signedBy === undefined ? [] : [`Signed-By: ${signedBy}`];
  return ["Types: deb", `URIs: ${uri}`, `Suites: ${suite}`, "Components: main", ...keyringLine, ""].join("\n");
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

// An inline key block cannot be passed on as a path.
const keyring = (signedBy: string | undefined): { signedBy?: string } =>
  signedBy?.startsWith("/") ? { signedBy } : {};

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of paragraph.split("\n").filter((text) => !text.startsWith("#"))) {
    const found = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (found) fields.set((last = (found[1] ?? "").toLowerCase()), found[2]?.trim() ?? "");
    else if (last !== "") fields.set(last, `${fields.get(last)} ${line.trim()}`.trim());
  }
  return fields;
}
