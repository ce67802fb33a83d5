import { Agent } from "node:http";
import { MAX_BYTES } from "../../base/bounded-body.ts";
import { ConfigurationError, PermissionError } from "../../base/errors.ts";
import { type HttpAnswer, httpRequest } from "../../base/http-request.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";

/** The instance metadata service, version 2 only. */
export interface Imds {
  /** Text of a path under /latest, undefined where there is no such path (404); `pending` when asking again can help. */
  read(path: string): Promise<ProbeResult<string | undefined>>;
}

/** The only addresses a token is ever sent to, unless the node document names another. */
export const LINK_LOCAL = ["http://169.254.169.254", "http://[fd00:ec2::254]"] as const;

const TOKEN_SECONDS = 21_600;
/** A healthy service answers in milliseconds; a lost packet is better asked for again. */
const ATTEMPT_MS = 1_000;

/** Speaks to the first of `bases` that answers; follows no redirect and asks no proxy. */
export function openImds(bases: readonly string[] = LINK_LOCAL, timeoutMs = ATTEMPT_MS): Imds {
  // Node's global agent may be told by the environment to use a proxy; an own one is not.
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  let base = 0;
  let token: string | undefined;
  const send = (method: "GET" | "PUT", path: string, headers: Record<string, string>) =>
    httpRequest({
      url: `${bases[base]}/latest/${path}`,
      method,
      headers,
      timeoutMs,
      agent,
      maxBytes: MAX_BYTES.metadata,
    });
  const renew = async (): Promise<ProbeResult<string>> => {
    const answer = await send("PUT", "api/token", { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) });
    return tokenOf(answer);
  };
  const get = async (path: string): Promise<ProbeResult<HttpAnswer>> => {
    if (token === undefined) {
      const fresh = await renew();
      if (!fresh.done) return fresh;
      token = fresh.value;
    }
    return done(await send("GET", path, { "x-aws-ec2-metadata-token": token }));
  };
  const withFreshToken = async (path: string): Promise<ProbeResult<HttpAnswer>> => {
    const answer = await get(path);
    if (!answer.done || answer.value.status !== 401) return answer;
    token = undefined;
    return get(path);
  };
  return {
    read: async (path) => {
      try {
        const answer = await withFreshToken(path);
        return answer.done ? textOf(answer.value, path) : answer;
      } catch (error) {
        if (error instanceof PermissionError || error instanceof ConfigurationError) throw error;
        base = (base + 1) % bases.length;
        return pending(`no answer from IMDS: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}

function tokenOf({ status, body }: HttpAnswer): ProbeResult<string> {
  if (status === 200 && /^[\x21-\x7e]{1,1024}$/.test(body.trim())) return done(body.trim());
  if (status === 403) throw disabled();
  if (status === 404) throw noImds("it knows no /latest/api/token, so this is not IMDSv2");
  if (status >= 300 && status < 400) throw noImds(`it redirects (HTTP ${status}); redirects are never followed`);
  return pending(`IMDS answered HTTP ${status} to the request for a token`);
}

function textOf({ status, body }: HttpAnswer, path: string): ProbeResult<string | undefined> {
  if (status === 200) return done(body);
  if (status === 404) return done(undefined);
  if (status === 403) throw disabled();
  if (status >= 300 && status < 400)
    throw noImds(`it redirects ${path} (HTTP ${status}); redirects are never followed`);
  return pending(`IMDS answered HTTP ${status} to ${path}`);
}

function disabled(): PermissionError {
  return new PermissionError("identify: the instance metadata service is disabled", {
    code: "imds.disabled",
    why: "IMDS answered HTTP 403",
    fix: "enable the metadata endpoint of this instance (HttpEndpoint), then boot again",
  });
}

function noImds(why: string): ConfigurationError {
  return new ConfigurationError("identify: what answers as instance metadata service is not one", {
    code: "imds.foreign",
    why,
    fix: 'on a machine that is no EC2 instance set "endpoints": {"imds": "none"} in the node document',
  });
}
