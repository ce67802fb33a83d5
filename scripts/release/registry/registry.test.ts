import { expect, test } from "vitest";
import { PermissionError, TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { digestOf, fakeRegistry } from "../../../tests/support/fake-registry.ts";
import { type Asked, accountAt, memoryPublisher, serverFor } from "../../../tests/support/release-aws.ts";
import type { OciImage } from "./oci-image.ts";
import { openRegistry } from "./registry.ts";
import { ecrPlace } from "./registry-place.ts";

const blob = (text: string) => ({ digest: digestOf(text), size: text.length, bytes: async () => Buffer.from(text) });
const image: OciImage = {
  manifest: Buffer.from("manifest"),
  digest: digestOf("manifest"),
  blobs: [blob("config"), blob("layer")],
};

const push = (url: string, place: object = {}) =>
  openRegistry({ url, ...place }).push("greenleaf/backend", "one", image);

test("blobs come before the manifest that names them, and each is at its digest", async () => {
  const { answer, content } = fakeRegistry();
  const { url, asked } = await serverFor(answer);
  expect(await push(url)).toBe("pushed");
  const base = "/v2/greenleaf/backend";
  expect([...content].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
    [`${base}/blobs/${digestOf("config")}`, "config"],
    [`${base}/blobs/${digestOf("layer")}`, "layer"],
    [`${base}/manifests/one`, "manifest"],
  ]);
  expect(asked.at(-1)).toMatchObject({
    method: "PUT",
    headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
  });
  expect(asked.find(({ method }) => method === "PATCH")?.headers["content-type"]).toBe("application/octet-stream");
});

test("a registry to which a password would travel in clear is refused before anything is sent", () => {
  const place = { url: "http://registry.example", username: "ada", password: "secret" };
  expect(() => openRegistry(place)).toThrow(expect.objectContaining({ code: "registry.place", exitCode: 78 }));
});

test("an upload goes on where the registry says, also where that has no query of its own", async () => {
  const { answer, content } = fakeRegistry();
  const { url } = await serverFor((asked) => {
    const { headers = {}, ...told } = answer(asked);
    const bare = Object.entries(headers).map(([name, value]) => [name, value.split("?")[0] ?? ""]);
    return { ...told, headers: Object.fromEntries(bare) };
  });
  expect(await push(url)).toBe("pushed");
  expect(content.size).toBe(3);
});

test("an image that is there is not sent again, and neither is a blob that is", async () => {
  const { answer, content } = fakeRegistry();
  const { url, asked } = await serverFor(answer);
  content.set(`/v2/greenleaf/backend/blobs/${digestOf("config")}`, Buffer.from("config"));
  await push(url);
  expect(asked.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  asked.length = 0;
  expect(await push(url)).toBe("there");
  expect(asked.map(({ method }) => method)).toEqual(["HEAD"]);
});

test("a tag that names another image is moved", async () => {
  const { answer, content } = fakeRegistry();
  const { url } = await serverFor(answer);
  content.set("/v2/greenleaf/backend/manifests/one", Buffer.from("other"));
  expect(await push(url)).toBe("pushed");
  expect(content.get("/v2/greenleaf/backend/manifests/one")?.toString()).toBe("manifest");
});

test.each([429, 500, 503])("a registry that answers %i once is asked again", async (status) => {
  let busy = 1;
  const { answer } = fakeRegistry(() => (busy-- > 0 ? { status } : undefined));
  const { url } = await serverFor(answer);
  expect(await push(url)).toBe("pushed");
});

test("name and password go with every request", async () => {
  const { answer } = fakeRegistry();
  const { url, asked } = await serverFor(answer);
  await push(url, { username: "me", password: "secret" });
  expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Basic ${Buffer.from("me:secret").toString("base64")}`]),
  );
});

test("a registry that asks for a token gets one from where it says, for what it says", async () => {
  const tokens: Asked[] = [];
  const { answer } = fakeRegistry((asked) => {
    if (asked.path.startsWith("/token")) {
      tokens.push(asked);
      return { body: JSON.stringify({ token: "T" }) };
    }
    if (asked.headers.authorization === "Bearer T") return undefined;
    const challenge = `Bearer realm="http://${asked.headers.host}/token",service="s",scope="repository:x:push"`;
    return { status: 401, headers: { "www-authenticate": challenge } };
  });
  const { url } = await serverFor(answer);
  expect(await push(url, { username: "me", password: "secret" })).toBe("pushed");
  expect(tokens).toHaveLength(1);
  expect(tokens[0]).toMatchObject({
    path: "/token?service=s&scope=repository%3Ax%3Apush",
    headers: { authorization: `Basic ${Buffer.from("me:secret").toString("base64")}` },
  });
});

test.each([
  ["no challenge", {}],
  ["another scheme", { "www-authenticate": 'Basic realm="http://x/"' }],
  ["no realm", { "www-authenticate": "Bearer" }],
])("a refusal with %s is told as one, and not asked again", async (_, headers) => {
  const { answer } = fakeRegistry(() => ({ status: 401, headers, body: "no\n  entry" }));
  const { url, asked } = await serverFor(answer);
  const error: unknown = await push(url).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PermissionError);
  expect(error).toMatchObject({ message: expect.stringContaining("HEAD 127.0.0.1"), why: "HTTP 401: " });
  expect(asked).toHaveLength(1);
});

test("a token that does not open the door is asked for once", async () => {
  const { answer } = fakeRegistry((asked) =>
    asked.path.startsWith("/token")
      ? { body: JSON.stringify({ access_token: "A" }) }
      : {
          status: 401,
          headers: { "www-authenticate": `Bearer realm="http://${asked.headers.host}/token"` },
        },
  );
  const { url, asked } = await serverFor(answer);
  await expect(push(url)).rejects.toThrow(PermissionError);
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, "Bearer A"]);
});

test("any other refusal names the status and what the registry said, at most 300 characters of it", async () => {
  const { answer } = fakeRegistry(({ method }) =>
    method === "POST" ? { status: 400, body: `bad\n ${"x".repeat(400)}` } : undefined,
  );
  const { url } = await serverFor(answer);
  const error: unknown = await push(url).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TemporaryError);
  expect(error).toMatchObject({ why: `HTTP 400: bad ${"x".repeat(295)}` });
  const { answer: forbids } = fakeRegistry(() => ({ status: 403 }));
  await expect(push((await serverFor(forbids)).url)).rejects.toThrow(PermissionError);
});

test("Amazon's registry is known by the account's host, its token is a password that may hold colons", async () => {
  const authorizationToken = Buffer.from("AWS:pass:word").toString("base64");
  const told = (data: object) =>
    serverFor(() => ({ body: JSON.stringify({ authorizationData: [{ authorizationToken, ...data }] }) }));
  const { url, asked } = await told({ proxyEndpoint: "https://proxy" });
  const host = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";
  expect(await ecrPlace(memoryPublisher(accountAt(url)))).toMatchObject({
    url: "https://proxy",
    host,
    username: "AWS",
  });
  expect(asked[0]).toMatchObject({ action: "GetAuthorizationToken" });
  expect(JSON.parse(asked[0]?.body.toString() ?? "")).toEqual({ registryIds: ["123456789012"] });
  const plain = await told({});
  expect((await ecrPlace(memoryPublisher(accountAt(plain.url)))).url).toBe(`https://${host}`);
});
