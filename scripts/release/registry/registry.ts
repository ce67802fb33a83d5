import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import { done, notYet, until } from "../../node-agent/src/core/retry.ts";
import { PermissionError, TemporaryError } from "../../node-agent/src/errors.ts";
import type { OciImage } from "./oci-image.ts";

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

/** One request, repeated while the registry is busy or away; an upload's location may be a whole address or a path. */
function sender(place: RegistryPlace): Send {
  let authorization = place.username === undefined ? undefined : basic(place);
  return (method, path, { type, body, accept = [] } = {}) => {
    const url = new URL(path, place.url);
    const wait = {
      what: `${method} ${url.host}${url.pathname}`,
      withinMs: WITHIN_MS,
      everyMs: 500,
      growth: 2,
      maxMs: 10_000,
      fix: "check the registry and the way to it, then run the same command again",
    };
    let challenged = false;
    return until(systemClock, wait, async () => {
      const headers = {
        accept: MANIFEST,
        ...(type && { "content-type": type }),
        ...(authorization && { authorization }),
      };
      const options = { method, headers, signal: AbortSignal.timeout(ATTEMPT_MS) };
      const answer = await fetch(url, body ? { ...options, body: new Uint8Array(body) } : options).catch(
        (error: unknown) => reason(error),
      );
      if (typeof answer === "string") return notYet(answer);
      if (answer.ok || accept.includes(answer.status)) return done(answer);
      if (answer.status === 429 || answer.status >= 500) return notYet(`HTTP ${answer.status}`);
      const bearer = answer.status === 401 && !challenged ? await bearerToken(place, answer) : undefined;
      if (bearer === undefined) throw await refusal(wait.what, answer);
      challenged = true;
      authorization = bearer;
      return notYet("a token was asked for");
    });
  };
}

const basic = ({ username = "", password = "" }: RegistryPlace): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** The token flow of the distribution spec: Docker Hub, GitHub and others; Amazon's takes the password itself. */
async function bearerToken(place: RegistryPlace, answer: Response): Promise<string | undefined> {
  const challenge = answer.headers.get("www-authenticate") ?? "";
  const part = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(challenge)?.[1];
  const realm = part("realm");
  if (!challenge.startsWith("Bearer ") || realm === undefined) return undefined;
  const url = new URL(realm);
  for (const name of ["service", "scope"]) url.searchParams.set(name, part(name) ?? "");
  const headers = place.username === undefined ? {} : { authorization: basic(place) };
  const given = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  if (!given.ok) return undefined;
  const { token, access_token } = (await given.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access_token}`;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

async function refusal(what: string, answer: Response): Promise<Error> {
  const why = `HTTP ${answer.status}: ${(await answer.text()).slice(0, 300).replaceAll(/\s+/g, " ")}`;
  if (answer.status !== 401 && answer.status !== 403)
    return new TemporaryError(`the registry refused ${what}`, {
      why,
      fix: "check that the repository exists (scripts/bootstrap.sh makes it), then run the same command again",
    });
  return new PermissionError(`the registry refused ${what}`, {
    why,
    fix: "use credentials that may push; for a registry other than Amazon's set REGISTRY_USERNAME and REGISTRY_PASSWORD",
  });
}
