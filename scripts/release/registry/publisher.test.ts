import { expect, test } from "vitest";
import { type Asked, accountAt, serverFor, type Told } from "../../../tests/support/release-aws.ts";
import { openPublisher } from "./publisher.ts";

const ADA = "arn:aws:iam::123456789012:user/ada";
const IDENTITY = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${ADA}</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const JSON_TYPE = { "content-type": "application/x-amz-json-1.1" };
const refused = (type: string): Told => ({
  status: 400,
  headers: JSON_TYPE,
  body: JSON.stringify({ __type: type, message: "no" }),
});

/** A publisher whose account answers as it is told to, beside who is asking. */
async function publisherOf(answer: (asked: Asked) => Told) {
  const { url, asked } = await serverFor((one) =>
    one.action === "GetCallerIdentity" ? { body: IDENTITY } : answer(one),
  );
  const publisher = await openPublisher(accountAt(url));
  asked.length = 0;
  return { publisher, asked, bodies: () => asked.map(({ body }) => JSON.parse(body.toString()) as unknown) };
}

test("publishes to the account it asks as, in that account's own bucket", async () => {
  const { publisher } = await publisherOf(() => ({}));
  expect([publisher.accountId, publisher.by]).toEqual(["123456789012", ADA]);
  expect(publisher.bucket).toContain("123456789012");
  expect(publisher.bucket).toContain("artifacts");
});

test("a parameter is its text, none where there is none, and any other refusal is an error", async () => {
  const { publisher, bodies } = await publisherOf(() => ({ headers: JSON_TYPE, body: '{"Parameter":{"Value":"v"}}' }));
  expect(await publisher.parameter("/a")).toBe("v");
  expect(bodies()).toEqual([{ Name: "/a", WithDecryption: true }]);
  const none = await publisherOf(() => refused("ParameterNotFound"));
  expect(await none.publisher.parameter("/a")).toBeUndefined();
  const denied = await publisherOf(() => refused("AccessDeniedException"));
  await expect(denied.publisher.parameter("/a")).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("setting writes over what is there; making never does, and says whether it made", async () => {
  const { publisher, bodies } = await publisherOf(() => ({ headers: JSON_TYPE, body: '{"Version":1}' }));
  await publisher.setParameter("/a", "one");
  expect(await publisher.createParameter("/b", "two")).toBe(true);
  expect(bodies()).toEqual([
    { Name: "/a", Value: "one", Type: "String", Overwrite: true },
    { Name: "/b", Value: "two", Type: "String" },
  ]);
  const taken = await publisherOf(() => refused("ParameterAlreadyExists"));
  expect(await taken.publisher.createParameter("/b", "two")).toBe(false);
  await expect(taken.publisher.setParameter("/b", "two")).rejects.toThrow();
});

test("a parameter is removed once: that it is gone already is no failure", async () => {
  const { publisher, bodies } = await publisherOf(() => refused("ParameterNotFound"));
  await publisher.removeParameter("/a");
  expect(bodies()).toEqual([{ Name: "/a" }]);
  const denied = await publisherOf(() => refused("AccessDeniedException"));
  await expect(denied.publisher.removeParameter("/a")).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("a history is read to its last page, oldest first, with who wrote each version and when", async () => {
  const version = (Value: string, more = {}) => ({ Value, LastModifiedDate: 1_764_000_000, ...more });
  const { publisher } = await publisherOf(({ body }) => {
    const { NextToken } = JSON.parse(body.toString()) as { NextToken?: string };
    const page =
      NextToken === undefined
        ? { Parameters: [version("one", { LastModifiedUser: ADA })], NextToken: "more" }
        : { Parameters: [version("two")] };
    return { headers: JSON_TYPE, body: JSON.stringify(page) };
  });
  const at = new Date(1_764_000_000_000).toISOString();
  expect(await publisher.history("/a")).toEqual([
    { value: "one", at, by: ADA },
    { value: "two", at, by: "unknown" },
  ]);
  const none = await publisherOf(() => refused("ParameterNotFound"));
  expect(await none.publisher.history("/a")).toEqual([]);
});

test("an object is kept once: what has its name already has its content", async () => {
  const objects = new Map<string, string>();
  const { publisher, asked } = await publisherOf(({ method, path, body }) => {
    const [name = ""] = path.split("?");
    if (method === "PUT") objects.set(name, body.toString());
    const found = objects.get(name);
    if (found === undefined)
      return {
        status: 404,
        headers: { "content-type": "application/xml" },
        body: method === "HEAD" ? "" : "<Error><Code>NoSuchKey</Code></Error>",
      };
    return method === "GET" ? { body: "text" } : {};
  });
  expect(await publisher.read("releases/one.json")).toBeUndefined();
  expect(await publisher.keep("releases/one.json", Buffer.from("text"))).toBe("made");
  expect(await publisher.keep("releases/one.json", Buffer.from("other"))).toBe("there");
  expect(asked.filter(({ method }) => method === "PUT").map(({ path }) => path.split("?")[0])).toEqual([
    `/${publisher.bucket}/releases/one.json`,
  ]);
  expect(await publisher.read("releases/one.json")).toBe("text");
});

test("a store that refuses keeps nothing, in silence least of all", async () => {
  const { publisher } = await publisherOf(() => ({ status: 403 }));
  await expect(publisher.keep("a", Buffer.from("x"))).rejects.toThrow();
  await expect(publisher.read("a")).rejects.toThrow();
});
