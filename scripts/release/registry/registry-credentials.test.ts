import { expect, test } from "vitest";
import { serverFor } from "../../../tests/support/release-aws.ts";
import { bearerToken, checkPlace, mayHaveCredentials, uploadAddress } from "./registry-credentials.ts";

const HARBOR = { url: "https://harbor.example:8443", username: "me", password: "secret" };

test.each([
  ["https://harbor.example:8443/v2/", true],
  ["https://harbor.example/v2/", false],
  ["https://elsewhere.example:8443/v2/", false],
  ["http://harbor.example:8443/v2/", false],
])("credentials for one registry go to its own https host alone: %s %s", (url, may) => {
  expect(mayHaveCredentials(new URL(url), HARBOR)).toBe(may);
});

test.each(["http://127.0.0.1:5000", "http://127.9.9.9:5000", "http://[::1]:5000", "http://localhost:5000"])(
  "plain http is for a registry of this machine: %s",
  (url) => {
    expect(() => checkPlace({ ...HARBOR, url })).not.toThrow();
    expect(mayHaveCredentials(new URL(url), { ...HARBOR, url })).toBe(true);
  },
);

test.each(["http://harbor.example", "http://127.0.0.1.example", "http://10.0.0.5:5000", "ftp://127.0.0.1"])(
  "a password is refused to %s, which may be asked without one",
  (url) => {
    expect(() => checkPlace({ ...HARBOR, url })).toThrow(expect.objectContaining({ code: "registry.place" }));
    expect(() => checkPlace({ url })).not.toThrow();
  },
);

test("an upload goes on where the registry says, by https or at the registry itself, and nowhere in clear", () => {
  expect(uploadAddress("/v2/x?state=1", HARBOR).href).toBe("https://harbor.example:8443/v2/x?state=1");
  expect(uploadAddress("https://storage.example/x", HARBOR).href).toBe("https://storage.example/x");
  const open = { url: "http://registry.lan" };
  expect(uploadAddress("http://registry.lan/v2/x", open).host).toBe("registry.lan");
  for (const place of [HARBOR, open])
    expect(() => uploadAddress("http://storage.example/x", place)).toThrow(
      expect.objectContaining({ code: "registry.clear-text" }),
    );
});

const challenged = (realm: string, more = "") =>
  new Response("", { status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"${more}` } });

test("a token server of another host is refused before it is asked, unless nothing secret would be sent", async () => {
  const { url, asked } = await serverFor(() => ({ body: '{"token":"T"}' }));
  await expect(bearerToken(HARBOR, challenged(`${url}/token`))).rejects.toMatchObject({
    code: "registry.foreign-realm",
  });
  expect(asked).toEqual([]);
  expect(await bearerToken({ url: HARBOR.url }, challenged(`${url}/token`, ',service="s"'))).toBe("Bearer T");
  expect(asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/token?service=s&scope=", undefined],
  ]);
});

test("a token server that refuses, or sends on to another place, gives no token", async () => {
  const away = await serverFor(() => ({ body: '{"token":"T"}' }));
  const { url } = await serverFor(({ path }) =>
    path.startsWith("/no") ? { status: 403 } : { status: 302, headers: { location: `${away.url}/token` } },
  );
  const place = { ...HARBOR, url };
  expect(await bearerToken(place, challenged(`${url}/no`))).toBeUndefined();
  expect(await bearerToken(place, challenged(`${url}/on`))).toBeUndefined();
  expect(away.asked).toEqual([]);
});

test.each([
  ["<html>", "is no JSON"],
  ["null", "is nothing"],
  ['{"token":7}', "has no token that is a text"],
  [`{"token":"${"x".repeat(1 << 20)}"}`, "is larger than any token"],
])("a token server whose answer %.20s… %s gives no token", async (body) => {
  const { url } = await serverFor(() => ({ body }));
  expect(await bearerToken({ url }, challenged(`${url}/token`))).toBeUndefined();
});

test.each(["not a url", "//host/token"])("a realm that is no address gives no token: %s", async (realm) => {
  expect(await bearerToken(HARBOR, challenged(realm))).toBeUndefined();
});
