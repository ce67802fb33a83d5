import { beforeEach, expect, test } from "vitest";
import { isSignedBy } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { parseRelease, type UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";
import { digestOf, fakeRegistry } from "../../tests/support/fake-registry.ts";
import { accountAt, memoryPublisher, serverFor } from "../../tests/support/release-aws.ts";
import { newKeys } from "../../tests/support/release-node.ts";
import { type Publication, publish } from "./publish-checkout.ts";
import type { OciImage } from "./registry/oci-image.ts";

const pair = newKeys();
const keys = { key: pair.privateKey, trusted: pair.publicKey };
const [NAMES, ARCHIVE, SBOM] = [["backend", "caddy"], Buffer.from("stack"), "f".repeat(64)];
const [STACK_OBJECT, DOCUMENT] = [`stack/${"d".repeat(64)}.tar.gz`, "release/2026-11-01-one.json"];

const blob = (text: string) => ({ digest: digestOf(text), size: text.length, bytes: async () => Buffer.from(text) });
const imageOf = (name: string): OciImage => ({
  manifest: Buffer.from(`manifest of ${name}`),
  digest: digestOf(`manifest of ${name}`),
  blobs: [blob(`layer of ${name}`)],
});
const packed = new Map(NAMES.map((name) => [name, imageOf(name)]));
const unsigned: UnsignedRelease = {
  id: "2026-11-01-one",
  created: "2026-11-01T00:00:00Z",
  images: Object.fromEntries([...packed].map(([name, { digest }]) => [name, `registry/greenleaf/${name}@${digest}`])),
  stack: { uri: `s3://artifacts/${STACK_OBJECT}`, sha256: "d".repeat(64) },
  migrations: "e".repeat(64),
  sboms: { backend: SBOM },
};

let registry: ReturnType<typeof fakeRegistry>;
let url: string;
let steps: string[];
beforeEach(async () => {
  registry = fakeRegistry();
  steps = [];
  ({ url } = await serverFor((asked) => {
    if (asked.method === "PUT" && asked.path.includes("/manifests/")) steps.push(`push ${asked.path.split("/")[3]}`);
    return registry.answer(asked);
  }));
});

/** A publisher that tells its steps beside those of the registry, and keeps each object only after a while. */
function account() {
  const publisher = memoryPublisher(accountAt("http://127.0.0.1:1"));
  const slowly =
    <Arguments extends readonly unknown[], Result>(what: string, work: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      steps.push(`${what} ${String(given[0])}`);
      return work(...given);
    };
  return {
    ...publisher,
    keep: slowly("keep", (key: string, content: Uint8Array) => publisher.keep(key, content)),
    setParameter: slowly("set", (name: string, value: string) => publisher.setParameter(name, value)),
  };
}

const publication = (env?: string): Publication => ({
  unsigned,
  keys,
  place: { url },
  packed,
  sboms: new Map([["backend", { sha256: SBOM, text: "the parts" }]]),
  archive: ARCHIVE,
  env,
});
const quiet = () => undefined;

test("what a document names is there before it, and an environment is pointed at it last", async () => {
  const publisher = account();
  const log: string[] = [];
  expect(await publish(publisher, publication("prod"), (text) => void log.push(text))).toBe(true);
  expect(steps).toEqual([
    "push backend",
    "push caddy",
    `keep sbom/${SBOM}.json`,
    `keep ${STACK_OBJECT}`,
    `keep ${DOCUMENT}`,
    "set /greenleaf/prod/release",
  ]);
  expect(log).toEqual(NAMES.map((name) => `greenleaf/${name}@${imageOf(name).digest}: pushed`));
  const kept = async (key: string) => (await publisher.read(key)) ?? "";
  expect([await kept(`sbom/${SBOM}.json`), await kept(STACK_OBJECT)]).toEqual(["the parts", "stack"]);
  const document = parseRelease(await kept(DOCUMENT), "kept");
  expect(document).toMatchObject({ ...unsigned, environments: [] });
  expect(isSignedBy(document, { keys: pair.publicKey, revoked: "" })).toBe(true);
  expect(parseRelease(publisher.parameters.get("/greenleaf/prod/release") ?? "", "prod")).toMatchObject({
    id: unsigned.id,
    environments: ["prod"],
  });
});

test("published again nothing is news, the document stays byte for byte, and no environment is touched", async () => {
  const publisher = account();
  await publish(publisher, publication(), quiet);
  const document = await publisher.read(DOCUMENT);
  const log: string[] = [];
  expect(await publish(publisher, publication(), (text) => void log.push(text))).toBe(false);
  expect(log).toEqual(NAMES.map((name) => `greenleaf/${name}@${imageOf(name).digest}: there`));
  expect(await publisher.read(DOCUMENT)).toBe(document);
  expect([...publisher.parameters]).toEqual([]);
});

const NEWS: ReadonlyArray<
  readonly [string, { readonly image?: true; readonly object?: string; readonly env?: string }]
> = [
  ["an image", { image: true }],
  ["the stack's archive", { object: STACK_OBJECT }],
  ["the document", { object: DOCUMENT }],
  ["the environment", { env: "prod" }],
];

test.each(NEWS)("%s that alone is new is news", async (_, { image, object, env }) => {
  const before = account();
  await publish(before, publication(), quiet);
  const publisher = account();
  for (const key of [`sbom/${SBOM}.json`, STACK_OBJECT, DOCUMENT])
    if (key !== object) await publisher.keep(key, Buffer.from((await before.read(key)) ?? ""));
  if (image)
    for (const name of registry.content.keys()) if (name.includes("caddy/manifests")) registry.content.delete(name);
  expect(await publish(publisher, publication(env), quiet)).toBe(true);
});
