import { boundedAnswer, MAX_BYTES } from "../../../node-agent/src/base/bounded-body.ts";
import { systemClock } from "../../../node-agent/src/base/clock.ts";
import { LaterError, PermissionError } from "../../../node-agent/src/base/errors.ts";
import { done, pending, until } from "../../../node-agent/src/base/wait.ts";
import type { OciImage } from "./oci-image.ts";
import { basic, bearerToken, checkPlace, mayHaveCredentials, uploadAddress } from "./registry-credentials.ts";

/** A registry of the OCI distribution spec, as a publisher uses it. */
export interface Registry {
  /** Brings an image there under a tag; blobs and manifests that are there already are not sent again. */
  push(repository: string, tag: string, image: OciImage): Promise<"pushed" | "there">;
}

export interface RegistryPlace {
  /** Scheme and host, as in `https://123456789012.dkr.ecr.eu-west-3.amazonaws.com`. */
  readonly url: string;
  /** What nodes know it by; the host of `url` where it is left out. */
  readonly host?: string;
  readonly username?: string;
  readonly password?: string;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const WITHIN_MS = 120_000;
const ATTEMPT_MS = 300_000;

type Send = (method: string, path: string, sent?: Sent) => Promise<Response>;

interface Sent {
  readonly type?: string;
  readonly body?: Buffer;
  /** Statuses that are answers besides 2xx. */
  readonly accept?: readonly number[];
}

export function openRegistry(place: RegistryPlace): Registry {
  checkPlace(place);
  const send = sender(place);
  return {
    push: async (repository, tag, image) => {
      const path = `/v2/${repository}`;
      const there = await send("HEAD", `${path}/manifests/${tag}`, { accept: [404] });
      if (there.headers.get("docker-content-digest") === image.digest) return "there";
      // One after the other: the line to the registry is the limit, not the number of requests.
      for (const blob of image.blobs) await pushBlob(send, path, blob);
      await send("PUT", `${path}/manifests/${tag}`, { type: MANIFEST, body: image.manifest });
      return "pushed";
    },
  };
}

async function pushBlob(send: Send, path: string, { digest, bytes }: OciImage["blobs"][number]): Promise<void> {
  const there = await send("HEAD", `${path}/blobs/${digest}`, { accept: [404] });
  if (there.ok) return;
  const opened = await send("POST", `${path}/blobs/uploads/`);
  const type = "application/octet-stream";
  const sent = await send("PATCH", opened.headers.get("location") ?? "", { type, body: await bytes() });
  const where = sent.headers.get("location") ?? "";
  await send("PUT", `${where}${where.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`);
}

/**
 * One request, repeated while the registry is busy or away; an upload's location may be a whole address or a path. On a
 * redirect to another origin `fetch` itself leaves the authorization out.
 */
function sender(place: RegistryPlace): Send {
  let authorization = place.username === undefined ? undefined : basic(place);
  return (method, path, { type, body, accept = [] } = {}) => {
    const url = uploadAddress(path, place);
    const isOwn = mayHaveCredentials(url, place);
    const wait = {
      what: `${method} ${url.host}${url.pathname}`,
      withinMs: WITHIN_MS,
      graceMs: ATTEMPT_MS,
      everyMs: 500,
      growth: 2,
      maxMs: 10_000,
      fix: "check the registry and the network to it, then run the same command again",
    };
    let challenged = false;
    return until(systemClock, wait, async () => {
      const headers = headersOf(type, isOwn ? authorization : undefined);
      const options = { method, headers, signal: AbortSignal.timeout(ATTEMPT_MS) };
      const answer = await fetch(url, body ? { ...options, body: new Uint8Array(body) } : options).catch(
        (error: unknown) => reason(error),
      );
      if (typeof answer === "string") return pending(answer);
      if (answer.ok || accept.includes(answer.status)) return done(answer);
      if (answer.status === 429 || answer.status >= 500) return pending(`HTTP ${answer.status}`);
      const isAsked = answer.status === 401 && isOwn && !challenged;
      const bearer = isAsked ? await bearerToken(place, answer) : undefined;
      if (bearer === undefined) throw await refusal(wait.what, answer);
      challenged = true;
      authorization = bearer;
      return pending("a token was asked for");
    });
  };
}

const headersOf = (type: string | undefined, authorization: string | undefined): Record<string, string> => ({
  accept: MANIFEST,
  ...(type && { "content-type": type }),
  ...(authorization && { authorization }),
});

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** A registry's words; one that says too much, or breaks off, gives none. */
const reasonIn = (answer: Response): Promise<string> =>
  boundedAnswer(answer, MAX_BYTES.metadata).then(
    (bytes) => bytes.toString().slice(0, 300).replaceAll(/\s+/g, " "),
    () => "it gave no reason that can be read",
  );

async function refusal(what: string, answer: Response): Promise<Error> {
  const why = `HTTP ${answer.status}: ${await reasonIn(answer)}`;
  if (answer.status !== 401 && answer.status !== 403)
    return new LaterError(`the registry refused ${what}`, {
      code: "registry.refused",
      why,
      fix: "check that the repository exists (scripts/bootstrap.sh makes it), then run the same command again",
    });
  return new PermissionError(`the registry refused ${what}`, {
    code: "registry.denied",
    why,
    fix: "use credentials that may push; for a registry other than Amazon's set REGISTRY_USERNAME and REGISTRY_PASSWORD",
  });
}
