/** The part of a request that says which page sent a form. */
export interface FormOrigin {
  readonly host: string | null;
  readonly forwardedHost: string | null;
  readonly origin: string | null;
  readonly fetchSite: string | null;
}

/**
 * True when a form was sent by a page of this shop. Browsers say so themselves (Sec-Fetch-Site) on https and localhost;
 * elsewhere Origin is compared with the host asked for, as the proxy in front passed it on. Programs that send neither
 * carry no cookie of a visitor's browser, so they may pass.
 */
export function isSameSite(request: FormOrigin, shopUrl: string): boolean {
  if (request.fetchSite !== null) return request.fetchSite === "same-origin" || request.fetchSite === "none";
  if (request.origin === null) return true;
  const origin = URL.parse(request.origin);
  if (origin === null) return false;
  const hosts = [request.host, ...(request.forwardedHost?.split(",") ?? []), URL.parse(shopUrl)?.host];
  return hosts.some((host) => host?.trim().toLowerCase() === origin.host);
}
