import { expect, test } from "vitest";
import { isSameSite } from "../../../images/storefront/src/shop/same-site.ts";

const SHOP = "https://shop.example.com";
const NOTHING = { host: null, forwardedHost: null, origin: null, fetchSite: null };

test.each([
  ["a page of this shop, as the browser says itself", { fetchSite: "same-origin" }, true],
  ["the visitor's own doing", { fetchSite: "none" }, true],
  ["another site", { fetchSite: "cross-site", origin: SHOP }, false],
  ["a sister site", { fetchSite: "same-site", origin: SHOP }, false],
  ["an old browser, on the host it asked for", { origin: "http://10.0.0.5:8080", host: "10.0.0.5:8080" }, true],
  [
    "a proxy on another port that says so",
    { origin: "http://localhost:9999", host: "storefront:3000", forwardedHost: "localhost:9999" },
    true,
  ],
  [
    "several proxies",
    { origin: "http://localhost:9999", host: "s:3000", forwardedHost: "localhost:9999, caddy" },
    true,
  ],
  ["the shop's known address behind a proxy that rewrites the host", { origin: SHOP, host: "storefront:3000" }, true],
  ["an old browser, from another site", { origin: "https://evil.example", host: "shop.example.com" }, false],
  ["another port of the same machine", { origin: "http://localhost:1", host: "localhost:8080" }, false],
  ["a sandboxed frame", { origin: "null", host: "shop.example.com" }, false],
  ["a program that is no browser", {}, true],
])("a form from %s", (_, request, passes) => {
  expect(isSameSite({ ...NOTHING, ...request }, SHOP)).toBe(passes);
});
