/**
 * A signed link as a browser can open it. The store is signed for by the name this process knows it by, and that name
 * stays what is signed: what stands at `browser` passes the rest of the link on to it as it is.
 */
export function linkFor(
  signed: string,
  { endpoint, browser }: { endpoint: string; browser: string | undefined },
): string {
  const isOurs = signed.startsWith(`${endpoint}/`);
  return browser !== undefined && isOurs ? `${browser}${signed.slice(endpoint.length)}` : signed;
}
