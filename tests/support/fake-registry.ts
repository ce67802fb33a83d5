import { createHash } from "node:crypto";
import type { Asked, Told } from "./release-aws.ts";

export const digestOf = (content: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** A registry as the distribution spec has it: uploads by session, content by digest. */
export function fakeRegistry(over: (asked: Asked) => Told | undefined = () => undefined) {
  const content = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer>();
  const answer = (asked: Asked): Told => {
    const changed = over(asked);
    if (changed !== undefined) return changed;
    const { method, path, body } = asked;
    const [name = "", query = ""] = path.split("?");
    if (method === "HEAD") {
      const found = content.get(name);
      return found ? { headers: { "docker-content-digest": digestOf(found.toString()) } } : { status: 404 };
    }
    if (method === "POST") return { status: 202, headers: { location: `${name}${uploads.size}?state=1` } };
    if (method === "PATCH") {
      uploads.set(name, body);
      return { status: 202, headers: { location: `${name}?state=2` } };
    }
    if (name.includes("/manifests/")) {
      content.set(name, body);
      return { status: 201 };
    }
    const digest = new URLSearchParams(query).get("digest") ?? "";
    const sent = uploads.get(name) ?? Buffer.from("");
    if (digestOf(sent.toString()) !== digest) return { status: 400, body: "DIGEST_INVALID" };
    content.set(`${name.split("/uploads/")[0]}/${digest}`, sent);
    return { status: 201 };
  };
  return { answer, content };
}
