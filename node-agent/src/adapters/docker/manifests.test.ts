import { expect, test } from "vitest";
import { sha256 } from "../../base/digest.ts";
import type { HttpAnswer, HttpRequest } from "../../base/http-request.ts";
import { Secret } from "../../base/secret.ts";
import { registryManifests } from "./manifests.ts";

const BODY = '{"schemaVersion":2}';
const DIGEST = `sha256:${sha256(BODY)}`;

/** What is read, and what was asked for it. */
async function read(image: string, answer: Partial<HttpAnswer> | Error = {}) {
  const asked: HttpRequest[] = [];
  const request = async (wanted: HttpRequest): Promise<HttpAnswer> => {
    asked.push(wanted);
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: BODY, ...answer };
  };
  const auth = { username: "AWS", password: new Secret("a token") };
  return { result: await registryManifests(request, sha256).read(image, { auth, timeoutMs: 1 }), asked };
}

test("the registry that an image is of is asked over https, with the login the engine has", async () => {
  const { result, asked } = await read(`registry.example.com:5000/shop/backend:v1@${DIGEST}`);
  expect(result).toEqual({ done: true, value: BODY });
  expect(asked.map(({ url }) => url)).toEqual([
    `https://registry.example.com:5000/v2/shop/backend/manifests/${DIGEST}`,
  ]);
  expect(asked[0]?.headers?.["authorization"]).toBe(`Basic ${Buffer.from("AWS:a token").toString("base64")}`);
});

test.each([
  ["a refusal", { status: 401 }, /answered 401/],
  ["a redirect", { status: 307, headers: { location: "https://elsewhere.example/" } }, /answered 307/],
  ["another document", { body: "{}" }, /something else/],
  ["a broken network", new Error("connect ECONNREFUSED"), /ECONNREFUSED/],
])("%s is an answer in words, without the login", async (_what, answer, words) => {
  const { result, asked } = await read(`registry.example.com/backend@${DIGEST}`, answer);
  expect(result).toMatchObject({ done: false, why: expect.stringMatching(words) as string });
  expect(JSON.stringify(result)).not.toContain("token");
  expect(asked).toHaveLength(1);
});

test.each(["backend:local", `backend@${DIGEST}`, `sha256:${"a".repeat(64)}`, "a.example/b@sha256:1"])(
  "nobody is asked about %s",
  async (image) => {
    const { result, asked } = await read(image);
    expect([result.done, asked]).toEqual([false, []]);
  },
);
