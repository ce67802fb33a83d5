import { boundedAnswer, MAX_BYTES } from "../../../node-agent/src/base/bounded-body.ts";
import { ConfigurationError, PermissionError } from "../../../node-agent/src/base/errors.ts";
import type { RegistryPlace } from "./registry.ts";

const TOKEN_WITHIN_MS = 30_000;

/** A URL that nobody between can read: https, or a server of this machine. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

/** A registry's credentials are for its own host alone, whatever addresses its answers name. */
export function mayHaveCredentials(url: URL, place: RegistryPlace): boolean {
  return isPrivate(url) && url.host === new URL(place.url).host;
}

/** Refuses a registry to which a password would travel in clear. */
export function checkPlace(place: RegistryPlace): void {
  if (place.username === undefined || isPrivate(new URL(place.url))) return;
  throw new ConfigurationError(`release: ${place.url} is no place for a password`, {
    code: "registry.place",
    why: "credentials go over https only; plain http is for a registry of this machine (127.0.0.1)",
    fix: "name the registry by https://, or leave REGISTRY_USERNAME and REGISTRY_PASSWORD out",
  });
}

/** Where an upload goes on; refuses an address that would send the image in clear over a network. */
export function uploadAddress(location: string, place: RegistryPlace): URL {
  const url = new URL(location, place.url);
  if (isPrivate(url) || url.origin === new URL(place.url).origin) return url;
  throw new PermissionError(`the registry sends an upload to ${url.origin}, in clear`, {
    code: "registry.clear-text",
    why: `${place.url} named that address; images go over https only`,
    fix: "correct the registry's own address (its external URL), then run the same command again",
  });
}

export const basic = ({ username = "", password = "" }: RegistryPlace): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** The token flow of the distribution spec; undefined where none is offered: Amazon's takes the password itself. */
export async function bearerToken(place: RegistryPlace, answer: Response): Promise<string | undefined> {
  const url = tokenAddress(answer.headers.get("www-authenticate") ?? "");
  if (url === undefined) return undefined;
  const isKnown = place.username !== undefined;
  if (isKnown && !mayHaveCredentials(url, place)) throw foreignRealm(url, place);
  const headers = isKnown ? { authorization: basic(place) } : {};
  const signal = AbortSignal.timeout(TOKEN_WITHIN_MS);
  // A redirect could lead anywhere; no token server needs one.
  const given = await fetch(url, { headers, redirect: "error", signal }).catch(() => undefined);
  if (given?.ok !== true) return undefined;
  const token = await tokenIn(given).catch(() => undefined);
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** Throws for what is no JSON, or more of it than a token takes. */
async function tokenIn(answer: Response): Promise<string | undefined> {
  const told: unknown = JSON.parse((await boundedAnswer(answer, MAX_BYTES.metadata)).toString());
  const { token, access_token } = (told ?? {}) as { token?: unknown; access_token?: unknown };
  return [token, access_token].find((one) => typeof one === "string");
}

function tokenAddress(challenge: string): URL | undefined {
  const part = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(challenge)?.[1];
  const realm = part("realm");
  if (!challenge.startsWith("Bearer ") || realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const name of ["service", "scope"]) url.searchParams.set(name, part(name) ?? "");
  return url;
}

function foreignRealm({ origin }: URL, { url }: RegistryPlace): PermissionError {
  return new PermissionError(`the registry ${url} wants a token from ${origin}`, {
    code: "registry.foreign-realm",
    why: "credentials go to the registry's own https host only, and that is another one; nothing was sent there",
    fix: "use a registry that gives its tokens itself (Amazon's, GitHub's, Harbor, one of your own)",
  });
}
