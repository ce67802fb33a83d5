import { execFile } from "node:child_process";
import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findImage } from "../../scripts/images/engine.ts";
import { exchange, request, statusOf } from "../safe/wire.ts";
import { type Container, Containers, removeFolder, sharedFolder } from "./containers.ts";

const run = promisify(execFile);
const IMAGE = "greenleaf/aws:local";
const PICTURE = Buffer.from([0, 1, 2, 253, 254, 255]);
const isBuilt = (await findImage(IMAGE)) !== undefined;
if (!isBuilt) console.warn(`skipped: ${IMAGE} is not built; ./greenleaf images aws builds it`);

/** Eight requests at once to an application that counts how many of them are inside it. */
const AT_ONCE = `
import io, json, sys, threading, time
sys.path.insert(0, "/usr/lib/greenleaf")
from server import Remembering
inside, most, answered = [], [], []
def application(environ, start_response):
    inside.append(1)
    most.append(len(inside))
    time.sleep(0.02)
    inside.pop()
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]
server = Remembering(application, None)
def client():
    environ = {"PATH_INFO": "/", "REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(b"xyz"), "CONTENT_LENGTH": "2"}
    answered.extend(server(environ, lambda *_: None))
threads = [threading.Thread(target=client) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"most": max(most), "answered": answered.count(b"xy")}))
`;

/** One letter more than the mailbox keeps, and what it shows then. */
const LETTERS = `
import asyncio, json, sys, types
sys.path.insert(0, "/usr/lib/greenleaf")
import mailbox
letters = mailbox.Letters()
async def deliver():
    for number in range(1, 502):
        content = f"From: shop@a.b\\r\\nTo: x@y.z\\r\\nSubject: letter {number}\\r\\n\\r\\nhello".encode()
        await letters.handle_DATA(None, None, types.SimpleNamespace(content=content, rcpt_tos=["x@y.z"]))
asyncio.run(deliver())
shown = json.loads(mailbox.answer_for("/letters.json", list(letters.kept))[2])
gone, first = (mailbox.answer_for(f"/letters/{number}.html", list(letters.kept))[0] for number in (1, 2))
page = mailbox.answer_for("/", list(letters.kept))[2]
print(json.dumps({"subjects": [shown[0]["subject"], shown[-1]["subject"]], "count": len(shown), "gone": gone, "first": first, "articles": page.count("<article")}))
`;

describe.skipIf(!isBuilt)("greenleaf/aws (needs its image: sudo ./greenleaf images aws)", () => {
  const containers = new Containers();
  let state = "";
  let server: Container;

  const endpoint = async () => `http://127.0.0.1:${await server.port()}`;
  const settings = async () => ({
    region: "eu-west-3",
    endpoint: await endpoint(),
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  const ssm = async () => new SSMClient(await settings());
  const secrets = async () => new SecretsManagerClient(await settings());
  const s3 = async () =>
    new S3Client({ ...(await settings()), forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });

  async function restart(how: () => Promise<unknown> = () => server.kill()): Promise<void> {
    await how();
    await server.again();
    await server.healthy();
  }

  const parameter = async (Name: string, Value: string, Type: "String" | "SecureString" = "String") =>
    (await ssm()).send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  const parameters = async (...Names: string[]) => {
    const answer = await (await ssm()).send(new GetParametersCommand({ Names, WithDecryption: true }));
    const found = answer.Parameters?.map(({ Name, Value, Version, Type }) => ({ Name, Value, Version, Type })) ?? [];
    return found.sort((a, b) => (a.Name ?? "").localeCompare(b.Name ?? ""));
  };

  beforeAll(async () => {
    state = await sharedFolder();
    server = await containers.start({ image: IMAGE, mounts: [`${state}:/state`], port: 4566 });
    await server.healthy();
    const store = await s3();
    for (const Bucket of ["plants-media", "plants-private"]) {
      await store.send(new CreateBucketCommand({ Bucket }));
      const object = { Bucket, Key: "leaf/é 1.png", ContentType: "image/png", CacheControl: "max-age=60" };
      await store.send(new PutObjectCommand({ ...object, Body: PICTURE, Metadata: { by: "us" } }));
    }
  });

  afterAll(async () => {
    await containers.clear();
    await removeFolder(state);
  });

  test("lets anyone read an object, except from a private bucket", async () => {
    const read = (path: string) => endpoint().then((base) => fetch(`${base}${path}`));
    const open = await read("/plants-media/leaf/%C3%A9%201.png");
    expect([open.status, open.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(Buffer.from(await open.arrayBuffer()).equals(PICTURE)).toBe(true);
    expect((await read("/plants-private/leaf/%C3%A9%201.png")).status).toBe(403);
    expect((await read("/plants-media/nothing")).status).toBe(404);
  });

  test("keeps parameters with their versions, and secrets with their ARNs, when it is killed", async () => {
    await parameter("/shop/db/host", "old");
    await parameter("/shop/db/host", "new é {{x}}");
    await parameter("/shop/key", "s3cret\nline", "SecureString");
    const client = await secrets();
    const created = await client.send(new CreateSecretCommand({ Name: "shop/db", SecretString: '{"password":"1"}' }));
    await client.send(new PutSecretValueCommand({ SecretId: "shop/db", SecretString: '{"password":"2"}' }));
    await client.send(new CreateSecretCommand({ Name: "shop/bytes", SecretBinary: PICTURE }));
    const before = await parameters("/shop/db/host", "/shop/key");
    expect(before).toEqual([
      { Name: "/shop/db/host", Value: "new é {{x}}", Version: 2, Type: "String" },
      { Name: "/shop/key", Value: "s3cret\nline", Version: 1, Type: "SecureString" },
    ]);
    await restart();
    expect(await parameters("/shop/db/host", "/shop/key")).toEqual(before);
    const again = await secrets();
    const current = await again.send(new GetSecretValueCommand({ SecretId: "shop/db" }));
    expect([current.ARN, current.SecretString]).toEqual([created.ARN, '{"password":"2"}']);
    const previous = await again.send(new GetSecretValueCommand({ SecretId: "shop/db", VersionStage: "AWSPREVIOUS" }));
    expect(previous.SecretString).toBe('{"password":"1"}');
    const bytes = await again.send(new GetSecretValueCommand({ SecretId: "shop/bytes" }));
    expect(Buffer.from(bytes.SecretBinary ?? []).equals(PICTURE)).toBe(true);
  });

  test("keeps objects with their headers, and forgets what was deleted or written over", async () => {
    const store = await s3();
    const Bucket = "plants-media";
    await store.send(new PutObjectCommand({ Bucket, Key: "twice", Body: "first" }));
    await store.send(new PutObjectCommand({ Bucket, Key: "twice", Body: "second" }));
    await store.send(new PutObjectCommand({ Bucket, Key: "gone", Body: "gone" }));
    await store.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    const before = await store.send(new GetObjectCommand({ Bucket, Key: "leaf/é 1.png" }));
    await restart();
    const again = await s3();
    const { Contents } = await again.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["leaf/é 1.png", "twice"]);
    const after = await again.send(new GetObjectCommand({ Bucket, Key: "leaf/é 1.png" }));
    const facts = ({ ETag, ContentType, CacheControl, Metadata, LastModified }: typeof after) =>
      JSON.stringify({ ETag, ContentType, CacheControl, Metadata, LastModified });
    expect(facts(after)).toEqual(facts(before));
    expect(after.Metadata).toEqual({ by: "us" });
    const twice = await again.send(new GetObjectCommand({ Bucket, Key: "twice" }));
    expect(await twice.Body?.transformToString()).toBe("second");
    // One blob for the picture in both buckets, one for "second".
    expect(await readdir(join(state, "blobs"))).toHaveLength(2);
  });

  test("gives moto, which guards none of its tables, one request at a time", async () => {
    const { stdout } = await run("docker", ["run", "--rm", "--entrypoint", "python3", IMAGE, "-c", AT_ONCE]);
    expect(JSON.parse(stdout)).toEqual({ most: 1, answered: 8 });
  });

  test("keeps, as the mailbox, the last 500 letters, and the oldest goes for the next", async () => {
    const { stdout } = await run("docker", ["run", "--rm", "--entrypoint", "python3", IMAGE, "-c", LETTERS]);
    expect(JSON.parse(stdout)).toEqual({
      subjects: ["letter 2", "letter 501"],
      count: 500,
      articles: 500,
      gone: 404,
      first: 200,
    });
  });

  test("keeps its files for itself", async () => {
    for (const name of ["parameters.json", "secrets.json", "objects.json"]) {
      expect((await stat(join(state, name))).mode & 0o777).toBe(0o600);
    }
  });

  test("loses no acknowledged change to a kill in the middle of many", async () => {
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let n = 0; n < 10_000; n += 1) {
        await parameter(`/many/${n}`, String(n));
        acknowledged.push(`/many/${n}`);
      }
    })().catch(() => undefined);
    await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(20);
    await restart();
    await writing;
    for (let at = 0; at < acknowledged.length; at += 10) {
      const names = acknowledged.slice(at, at + 10);
      expect(new Set((await parameters(...names)).map(({ Name }) => Name))).toEqual(new Set(names));
    }
  });

  test("sets a torn file aside with a message and keeps the rest", async () => {
    const secretsFile = join(state, "secrets.json");
    await restart(async () => {
      await server.kill();
      await writeFile(secretsFile, (await readFile(secretsFile)).subarray(0, 100));
    });
    await server.logged(/secrets\.json cannot be read .* kept as secrets\.json\.unreadable-/);
    expect((await readdir(state)).filter((name) => name.startsWith("secrets.json.unreadable-"))).toHaveLength(1);
    await expect((await secrets()).send(new GetSecretValueCommand({ SecretId: "shop/db" }))).rejects.toThrow();
    expect((await parameters("/shop/key"))[0]?.Value).toBe("s3cret\nline");
    await (await secrets()).send(new CreateSecretCommand({ Name: "shop/db", SecretString: "again" }));
  });

  test("names an object whose bytes have changed and keeps the others", async () => {
    const blobs = join(state, "blobs");
    await restart(async () => {
      await server.kill();
      for (const name of await readdir(blobs)) {
        const path = join(blobs, name);
        if ((await readFile(path, "utf8")) === "second") await writeFile(path, "secomd");
      }
    });
    await server.logged(/object plants-media\/twice is lost: its bytes have changed/);
    const { Contents } = await (await s3()).send(new ListObjectsV2Command({ Bucket: "plants-media" }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["leaf/é 1.png"]);
  });

  test("does not acknowledge a change that it cannot keep", async () => {
    await rm(join(state, ".parameters.json.new"), { force: true });
    await chmod(state, 0o500);
    try {
      await expect(parameter("/shop/lost", "x")).rejects.toThrow();
      await server.logged(/the change was made but cannot be kept/);
    } finally {
      await chmod(state, 0o700);
    }
    await parameter("/shop/kept", "x");
  });

  test.each([
    ["ec2", "DescribeInstances", "2016-11-15"],
    ["autoscaling", "DescribeAutoScalingGroups", "2011-01-01"],
    ["elasticloadbalancing", "DescribeLoadBalancers", "2015-12-01"],
    ["rds", "DescribeDBInstances", "2014-10-31"],
    ["elasticache", "DescribeCacheClusters", "2015-02-02"],
    ["iam", "ListRoles", "2010-05-08"],
    ["sts", "GetCallerIdentity", "2011-06-15"],
    ["monitoring", "ListMetrics", "2010-08-01"],
    ["sns", "ListTopics", "2010-03-31"],
  ])("answers for %s too", async (service, Action, Version) => {
    const scope = `Credential=key/20250101/eu-west-3/${service}/aws4_request`;
    const answer = await fetch(await endpoint(), {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Action, Version }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`${Action}Response`);
  });

  test("shows no value in its log", async () => {
    expect(await server.logs()).not.toMatch(/s3cret|password/);
  });
});

describe.skipIf(!isBuilt)("greenleaf/aws with the keys of a world", () => {
  const containers = new Containers();
  const keys = { id: "GLOPERATOR", secret: "operator's secret", media: "mediakey", mediaSecret: "media's secret" };
  const picture = { Bucket: "plants-media", Key: "leaf/é 1+2 (x)'.png", Body: PICTURE };
  let state = "";
  let url = "";

  const clients = (accessKeyId: string, secretAccessKey: string) => {
    const settings = {
      region: "eu-west-3",
      endpoint: url,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    };
    return { ssm: new SSMClient(settings), s3: new S3Client({ ...settings, forcePathStyle: true }) };
  };
  const operator = () => clients(keys.id, keys.secret);
  const status = (sent: Promise<{ $metadata: { httpStatusCode?: number | undefined } }>): Promise<number | undefined> =>
    sent.then(
      ({ $metadata }) => $metadata.httpStatusCode,
      (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
    );
  const read = () => new GetParametersCommand({ Names: ["/shop/key"], WithDecryption: true });

  /** As it is sent: `fetch` would clean the path and name its own host. */
  const raw = (path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
    new Promise<{ status: number | undefined; allowed: string | undefined }>((resolve, reject) => {
      const sent = httpRequest(url, { path, ...options }, (answer) => {
        answer
          .resume()
          .on("end", () =>
            resolve({ status: answer.statusCode, allowed: answer.headers["access-control-allow-origin"] }),
          );
      });
      sent.on("error", reject).end();
    });

  beforeAll(async () => {
    state = await sharedFolder();
    const env = {
      GREENLEAF_ACCESS_KEY_ID: keys.id,
      GREENLEAF_SECRET_ACCESS_KEY: keys.secret,
      GREENLEAF_MEDIA_ACCESS_KEY_ID: keys.media,
      GREENLEAF_MEDIA_SECRET_ACCESS_KEY: keys.mediaSecret,
    };
    const server = await containers.start({ image: IMAGE, mounts: [`${state}:/state`], port: 4566, env });
    await server.healthy();
    url = `http://127.0.0.1:${await server.port()}`;
    const { ssm, s3 } = operator();
    await ssm.send(new PutParameterCommand({ Name: "/shop/key", Value: "s3cret", Type: "SecureString" }));
    for (const Bucket of ["plants-media", "plants-private"]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ ...picture, Bucket }));
    }
  });
  afterAll(async () => {
    await containers.clear();
    await removeFolder(state);
  });

  test("the world's key does everything, that of the pictures only S3, and any other nothing", async () => {
    const media = clients(keys.media, keys.mediaSecret);
    expect(await status(operator().ssm.send(read()))).toBe(200);
    expect(await status(media.s3.send(new PutObjectCommand(picture)))).toBe(200);
    expect(await status(media.s3.send(new GetObjectCommand({ Bucket: "plants-private", Key: picture.Key })))).toBe(200);
    expect(await status(media.ssm.send(read()))).toBe(403);
    for (const [id, secret] of [
      ["local", "local"],
      [keys.id, "wrong"],
      [keys.media, keys.secret],
    ] as const) {
      const { ssm, s3 } = clients(id, secret);
      expect(await status(ssm.send(read()))).toBe(403);
      expect(await status(s3.send(new PutObjectCommand(picture)))).toBe(403);
      expect(await status(s3.send(new ListObjectsV2Command({ Bucket: "plants-media" })))).toBe(403);
    }
  });

  const PICTURE_PATH = "/plants-media/leaf/%C3%A9%201+2%20(x)'.png";

  test.each([
    ["plainly", {}],
    ["with a query", { query: "?list-type=2&acl" }],
    [
      "as Caddy hands on a browser's request",
      { headers: { host: "192.168.1.5:8080", origin: "http://x", "sec-fetch-site": "same-origin" } },
    ],
  ])(
    "a public picture is read by anyone, %s, and shared with no other origin",
    async (_, { query = "", headers = {} }: { query?: string; headers?: Record<string, string> }) => {
      expect(await raw(`${PICTURE_PATH}${query}`, { headers })).toEqual({ status: 200, allowed: undefined });
    },
  );

  test("who reads a picture is answered without the body that was promised: none could fill the memory", async () => {
    for (const promised of ["Content-Length: 1000000000", "Transfer-Encoding: chunked"]) {
      const answer = await exchange(
        { port: Number(new URL(url).port), host: "127.0.0.1" },
        request(`GET ${PICTURE_PATH} HTTP/1.1`, ["Host: localhost", promised]),
      );
      expect([promised, statusOf(answer)]).toEqual([promised, 200]);
    }
  });

  test.each([
    ["/plants-media/evil.html", { method: "PUT" }],
    [PICTURE_PATH, { method: "DELETE" }],
    [PICTURE_PATH, { method: "POST" }],
    [PICTURE_PATH, { method: "OPTIONS", headers: { origin: "http://evil.example" } }],
    ["/plants-media/", {}],
    ["/plants-media?list-type=2", {}],
    ["/plants-private/leaf/x.png", {}],
    ["/plants-media/../plants-private/leaf/x.png", {}],
    ["/plants-media/%2e%2e/plants-private/leaf/x.png", {}],
    ["/moto-api/data.json", {}],
    ["/moto-api/reset", { method: "POST" }],
    ["/", {}],
  ])("who does not sign gets nothing of %s %j", async (path, options) => {
    expect(await raw(path, options)).toEqual({ status: 403, allowed: undefined });
  });

  test.each([{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }, { host: "evil.example" }])(
    "not even a signed request is answered with %j",
    async (headers) => {
      const { ssm } = operator();
      ssm.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, headers);
          return next(args);
        },
        { step: "build" },
      );
      expect(await status(ssm.send(read()))).toBe(403);
    },
  );
});
