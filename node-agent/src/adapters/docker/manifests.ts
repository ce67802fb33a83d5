import type { HttpAnswer, HttpRequest } from "../../base/http-request.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import type { PullOptions } from "../../core/stack/engine.ts";

/** What registries say of images, which the engine does not tell before it has pulled them. */
export interface Manifests {
  /** The manifest of an image that is named by its digest; one attempt. */
  read(image: string, options: ManifestOptions): Promise<ProbeResult<string>>;
}

export interface ManifestOptions {
  readonly auth?: PullOptions["auth"];
  readonly timeoutMs: number;
}

const KINDS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
/** A registry takes no larger one. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Only over https and at the registry's own host: no redirect is followed, no other place is asked for a token. */
export function registryManifests(
  request: (wanted: HttpRequest) => Promise<HttpAnswer>,
  digest: (content: string) => string,
): Manifests {
  return {
    read: async (image, { auth, timeoutMs }) => {
      const [, host, name, wanted] =
        /^([^/@]+\.[^/@]+)\/([^@]+?)(?::[\w.-]+)?@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
      if (host === undefined) return pending("its name says no registry and digest");
      const url = `https://${host}/v2/${name}/manifests/${wanted}`;
      try {
        const answer = await request({ url, headers: headersFor(auth), timeoutMs, maxBytes: MAX_BYTES });
        if (answer.status !== 200) return pending(`its registry answered ${answer.status}`);
        const isAsNamed = `sha256:${digest(answer.body)}` === wanted;
        return isAsNamed ? done(answer.body) : pending("its registry answered with something else");
      } catch (error) {
        return pending(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function headersFor(auth: PullOptions["auth"]): Record<string, string> {
  const accept = KINDS.join(", ");
  if (auth === undefined) return { accept };
  const login = Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString("base64");
  return { accept, authorization: `Basic ${login}` };
}
