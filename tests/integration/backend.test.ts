import { execFileSync } from "node:child_process";
import { DeleteObjectsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { noisePng } from "../support/grey-png.ts";
import { askUntil, call, checkOut, createProduct, fillCart, logIn, must, upload } from "./backend-client.ts";
import { customerTests } from "./backend-customers.ts";
import { keeperTests } from "./backend-keeper.ts";
import { loginTests } from "./backend-logins.ts";
import { orderTests } from "./backend-orders.ts";
import {
  adminEmail,
  adminPassword,
  type Backend,
  type BackendWorld,
  backendImage,
  backendWorld,
  type JobEnd,
} from "./backend-world.ts";
import { type StrictS3, strictS3 } from "./strict-s3.ts";

const admin = { email: adminEmail, password: adminPassword };

let world: BackendWorld;
let store: StrictS3;
/** What the storefront shows; first-run says it. */
let key: string;

beforeAll(async () => {
  [world, store] = await Promise.all([backendWorld("fleet"), strictS3()]);
});
afterAll(async () => {
  await Promise.all([world?.close(), store?.close()]);
});

function clientOf(endpoint: string, options = {}): S3Client {
  const credentials = { accessKeyId: "key-canary-3Vb", secretAccessKey: "s3-canary-8Xr" };
  return new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials, maxAttempts: 1, ...options });
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { postgres, databasePassword: password, ca } = world;
  const client = new Client({
    host: postgres.getHost(),
    // Asked each time: a server that was restarted has another.
    port: Number(docker("port", postgres.getId(), "5432").match(/:(\d+)/)?.[1]),
    user: "medusa",
    database: "medusa",
    password,
    ssl: { ca },
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const outcomeOf = (job: JobEnd) => JSON.parse(job.stdout) as { migrated: boolean; publishable_key: string };
const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" });

/** A busy kernel may fail to freeze a group of processes in time; the engine says so and leaves it as it was. */
const paused = (id: string): Promise<void> =>
  vi.waitFor(() => void docker("pause", id), { timeout: 30_000, interval: 500 });

describe("first-run", () => {
  test("a backend does not start before it", async () => {
    const job = await world.run({ env: world.env });
    expect([job.exitCode, job.stderr]).toEqual([75, expect.stringContaining("first-run")]);
  });

  test("a release that names other migrations than the image holds is refused before anything is touched", async () => {
    const job = await world.run({ args: ["first-run"], env: { ...world.env, RELEASE_MIGRATIONS: "0".repeat(64) } });
    expect([job.exitCode, job.stderr]).toEqual([78, expect.stringContaining("io.greenleaf.migrations")]);
    expect(await query("select from pg_tables where schemaname = 'public'")).toEqual([]);
  });

  test("a job that is killed half-way and three that start together end in one migrated shop", async () => {
    const killed = await world.run({ args: ["first-run"], env: world.env, killAfterMs: 5_000 });
    expect(killed.exitCode).toBe(137);
    const jobs = await Promise.all([1, 2, 3].map(() => world.run({ args: ["first-run"], env: world.env })));
    expect(jobs.map((job) => [job.exitCode, job.stderr.match(/^error:.*/m)?.[0]])).toEqual(
      jobs.map(() => [0, undefined]),
    );
    expect(jobs.map((job) => outcomeOf(job).migrated).filter(Boolean)).toEqual([true]);
    expect(new Set(jobs.map((job) => outcomeOf(job).publishable_key)).size).toBe(1);
    // Exactly one line, so that a program can read it.
    expect(jobs.map((job) => job.stdout.split("\n").length)).toEqual([2, 2, 2]);
    key = outcomeOf(jobs[0]!).publishable_key;
    expect(key).toMatch(/^pk_[0-9a-f]{64}$/);
  });

  test("the release's hash is recorded once and is the one in the image's label", async () => {
    const label = docker(
      "inspect",
      "--format",
      '{{index .Config.Labels "io.greenleaf.migrations"}}',
      backendImage,
    ).trim();
    const printed = await world.run({ args: ["migrations-hash"], env: {} });
    expect(printed.stdout).toBe(`${label}\n`);
    expect(await query("select hash, applied_at <= now() as past from greenleaf_migrations")).toEqual([
      { hash: label, past: true },
    ]);
  });

  test("there is one of each thing a shop needs", async () => {
    const counts = await query(`select
      (select count(*)::int from "user") as users,
      (select count(*)::int from region where deleted_at is null) as regions,
      (select count(*)::int from region_country where region_id is not null) as countries,
      (select count(*)::int from tax_region) as tax_regions,
      (select count(*)::int from tax_rate where rate = 20 and is_default) as tax_rates,
      (select count(*)::int from stock_location) as locations,
      (select count(*)::int from shipping_option) as shipping_options,
      (select count(*)::int from api_key where type = 'publishable') as keys,
      (select count(*)::int from script_migrations where finished_at is null) as unfinished_scripts,
      (select name from store) as store`);
    expect(counts).toEqual([
      {
        users: 1,
        regions: 1,
        countries: 2,
        tax_regions: 2,
        tax_rates: 2,
        locations: 1,
        shipping_options: 1,
        keys: 1,
        unfinished_scripts: 0,
        store: "Test shop",
      },
    ]);
  });

  test("run again, it finds out with one query and loads nothing of Medusa", async () => {
    const { stderr, ...job } = await world.run({
      args: ["first-run"],
      env: { ...world.env, REDIS_URL: "rediss://default:pw@nowhere.invalid" },
    });
    // Without Valkey nothing of Medusa could have been loaded.
    expect([job.exitCode, outcomeOf({ stderr, ...job })]).toEqual([0, { migrated: false, publishable_key: key }]);
    expect(stderr).toMatch(/^first-run: nothing is due: .*\(\d+ ms since the process began\)\n$/);
  });

  test("an older release whose migrations are recorded is let through", async () => {
    await query("insert into greenleaf_migrations (hash) values ('of-an-older-release')");
    const job = await world.run({
      args: ["first-run"],
      env: { ...world.env, RELEASE_MIGRATIONS: "of-an-older-release" },
    });
    expect([job.exitCode, outcomeOf(job).migrated]).toEqual([0, false]);
  });

  test("without its record it goes through everything again and changes nothing", async () => {
    const count = () =>
      query(
        "select (select count(*) from region) + (select count(*) from shipping_option) + (select count(*) from stock_location) + (select count(*) from tax_rate) + (select count(*) from api_key) + (select count(*) from auth_identity) as things",
      );
    const before = await count();
    await query("delete from greenleaf_migrations");
    const job = await world.run({ args: ["first-run"], env: world.env });
    expect([job.exitCode, outcomeOf(job)]).toEqual([0, { migrated: true, publishable_key: key }]);
    expect(await count()).toEqual(before);
  });

  test("a database that was a shop before keeps how it sells: at the first release, and at each later one", async () => {
    const selling = () =>
      query(`select (select name from store) as store, (select count(*)::int from region) as regions,
        (select count(*)::int from tax_region) as taxes, (select count(*)::int from shipping_option) as options`);
    const [ours] = await query("select name from store");
    await query("update store set name = 'Their own'");
    await query("insert into product (id, title, handle) values ('prod_theirs', 'Theirs', 'theirs')");
    await query("delete from greenleaf_migrations");
    const before = await selling();
    const env = { ...world.env, SHOP_COUNTRIES: "at,es,it" };
    try {
      const first = await world.run({ args: ["first-run"], env });
      expect([first.exitCode, outcomeOf(first)]).toEqual([0, { migrated: true, publishable_key: key }]);
      expect(first.stderr).toContain("this was a shop before");
      expect(await selling()).toEqual(before);
      // As a release with other migrations meets it; the products may be gone by then.
      await query("delete from product");
      await query("delete from greenleaf_migrations where hash <> 'moved-in'");
      expect((await world.run({ args: ["first-run"], env })).exitCode).toBe(0);
      expect(await selling()).toEqual(before);
    } finally {
      await query(
        `delete from product; delete from greenleaf_migrations where hash = 'moved-in'; update store set name = '${ours?.name}'`,
      );
    }
  });
});

describe("a fleet on one PostgreSQL and one Valkey", () => {
  let a: Backend;
  let b: Backend;
  let token: string;
  let variant: string;

  beforeAll(async () => {
    const own = { S3_ENDPOINT: `http://${world.gateway}:${store.port}` };
    // A is as a node runs it; B has a root that it could write to.
    a = await world.backend({ ...own, MEDUSA_WORKER_MODE: "server", S3_BROWSER_URL: "https://shop.example/files" });
    b = await world.backend(own, { readOnly: false });
    token = await logIn(a.url, admin);
    variant = await createProduct(a.url, token);
  });

  describe("/readyz", () => {
    test("names who answers, without credentials and without a publishable key", async () => {
      const answer = await call(a.url, "/readyz");
      expect([answer.status, answer.body]).toEqual([200, { ready: true, checks: { postgresql: "ok", valkey: "ok" } }]);
    });

    test.each(["postgresql", "valkey"] as const)("is 503 when %s is silent, and 200 again afterwards", async (name) => {
      const server = name === "valkey" ? world.valkey : world.postgres;
      await paused(server.getId());
      try {
        const answer = await call<{ checks: Record<string, string> }>(a.url, "/readyz");
        expect([answer.status, answer.body.checks[name]]).toEqual([503, "no answer"]);
        expect(Object.values(answer.body.checks).filter((check) => check === "ok")).toHaveLength(1);
        expect((await call(a.url, "/health")).status).toBe(200);
        // Refused by name, and not left to hang until the server is back.
        const refused = await askUntil(
          () => call<{ message?: string }>(a.url, "/store/regions", { key }),
          ({ status, body }) => status === 503 && body.message?.includes(name) === true,
          60_000,
        );
        expect(refused.body.message).toContain(name);
        const writes = ["/store/carts", "/auth/user/emailpass", "/admin/products"];
        const statuses = writes.map(async (path) => (await call(a.url, path, { key, body: {} })).status);
        expect(await Promise.all(statuses)).toEqual([503, 503, 503]);
      } finally {
        docker("unpause", server.getId());
      }
      const answer = await askUntil(
        () => call(a.url, "/readyz"),
        ({ status }) => status === 200,
        10_000,
      );
      expect(answer.status).toBe(200);
    });

    test("comes back by itself after both servers were restarted", async () => {
      docker("restart", "--time", "10", world.valkey.getId(), world.postgres.getId());
      const answer = await askUntil(
        () => call(a.url, "/readyz"),
        ({ status }) => status === 200,
        30_000,
      );
      expect(answer.body).toEqual({ ready: true, checks: { postgresql: "ok", valkey: "ok" } });
    });
  });

  describe("uploads", () => {
    const picture = noisePng(200_000);

    /** By place and ending, what the store has of the files called so. */
    const storedOf = (name: string) =>
      [...store.objects.keys()].filter((key) => key.includes(`/${name}.`) || key.includes(`/${name}-`));

    test("of a picture every size lies in the public bucket, and itself byte by byte in the private one", async () => {
      const { status, body } = await upload(a.url, token, { "leaf.png": picture });
      expect(status).toBe(200);
      const [file] = body.files;
      expect(file!.url).toBe(`https://media.shop.example/${file!.id}`);
      const [, ulid] = /^leaf\.w800-([0-9A-Z]{26})\.jpg$/.exec(file!.id) ?? [];
      const sizes = ["avif", "jpg", "webp"].flatMap((format) =>
        [400, 800].map((frame) => `media/leaf.w${frame}-${ulid}.${format}`),
      );
      const original = `exports/private/originals/leaf-${ulid}`;
      expect(storedOf("leaf").toSorted()).toEqual([original, ...sizes].toSorted());
      const typeOf = (key: string) => store.objects.get(key)?.headers["content-type"];
      expect(sizes.map(typeOf)).toEqual(["avif", "jpeg", "webp"].flatMap((kind) => Array(2).fill(`image/${kind}`)));
      expect(sizes.filter((key) => store.objects.get(key)?.body.includes(picture.subarray(0, 64)))).toEqual([]);
      expect([typeOf(original), store.objects.get(original)?.body.equals(picture)]).toEqual(["image/png", true]);
      // The keeper gets it back by a signed link.
      const link = await must<{ file: { url: string } }>(
        a.url,
        `/admin/uploads/${encodeURIComponent(original.slice("exports/".length))}`,
        { token },
      );
      expect(link.file.url).toMatch(/\/exports\/private\/originals\/leaf-.*X-Amz-Signature=/);
    });

    test("what is no picture is refused in words, whatever it is called and said to be", async () => {
      const before = store.objects.size;
      const html = Buffer.from("<!doctype html><script>alert(1)</script>");
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
      const cases = {
        "evil.png": html,
        "evil.svg": svg,
        "empty.png": Buffer.alloc(0),
        "cut.png": picture.subarray(0, 999),
        "phone.heic": Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"),
      };
      for (const [name, bytes] of Object.entries(cases)) {
        const { status, body } = await upload(a.url, token, { [name]: bytes });
        const message = expect.stringMatching(
          /^The file is (empty|a HEIC picture|no whole JPEG, PNG, WebP, GIF or AVIF picture)/,
        );
        expect([name, status, body]).toEqual([name, 400, expect.objectContaining({ message })]);
      }
      const { status, body } = await upload(a.url, token, { "../évil.html": picture });
      expect([status, body.files?.[0]?.id]).toEqual([200, expect.stringMatching(/^évil\.w800-[0-9A-Z]{26}\.jpg$/)]);
      const link = { originalname: "a.html", mime_type: "text/html", size: 9, access: "public" };
      expect((await call(a.url, "/admin/uploads/presigned-urls", { token, body: link })).status).toBe(400);
      // Three formats in two sizes, and the original.
      expect(store.objects.size).toBe(before + 7);
    });

    test("a table of products is no picture and is taken all the same", async () => {
      const form = new FormData();
      const table =
        "Product Handle,Product Title,Product Status,Variant Title,Variant Price EUR\nfern,Fern,draft,M,5\n";
      form.append("file", new Blob([table], { type: "text/csv" }), "products.csv");
      const { status } = await call(a.url, "/admin/products/import", { token, form });
      expect(status).toBe(202);
      const link = { originalname: "a.csv", mime_type: "text/csv", size: 9 };
      const { body } = await call<{ url: string }>(a.url, "/admin/uploads/presigned-urls", { token, body: link });
      // By a name that the admin's browser knows.
      expect(body.url).toMatch(/^https:\/\/shop\.example\/files\/exports\/private\/.*\.csv\?/);
    });

    test("our stand-in refuses what the SDK and Medusa send by themselves", async () => {
      const strict = clientOf(`http://127.0.0.1:${store.port}`);
      const put = { Bucket: "media", Key: "a", Body: "a" };
      const quiet = { requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" };
      const quietClient = clientOf(`http://127.0.0.1:${store.port}`, quiet);
      await expect(strict.send(new PutObjectCommand(put))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 501 },
      });
      await expect(quietClient.send(new PutObjectCommand({ ...put, ACL: "public-read" }))).rejects.toMatchObject({
        name: "NotImplemented",
      });
      await expect(
        quietClient.send(new DeleteObjectsCommand({ Bucket: "media", Delete: { Objects: [{ Key: "a" }] } })),
      ).rejects.toMatchObject({ name: "NotImplemented" });
    });

    test("a store without ACLs and checksums takes several pictures, a large one, and gives them up again", async () => {
      const large = noisePng(12_000_000);
      const { status, body } = await upload(b.url, token, {
        "one.png": picture,
        "två &.png": picture,
        "large.png": large,
      });
      expect([status, body.files?.length]).toEqual([200, 3]);
      const originals = ["one", "två", "large"].map((name) =>
        storedOf(name).filter((key) => key.startsWith("exports/")),
      );
      expect(originals.flat().map((key) => store.objects.get(key)?.body.length)).toEqual(
        [picture, picture, large].map(({ length }) => length),
      );
      for (const { id } of body.files)
        await must(b.url, `/admin/uploads/${encodeURIComponent(id)}`, { token, method: "DELETE" });
      expect(["one", "två", "large"].flatMap(storedOf)).toEqual([]);
    });

    test.each(["refuse", "cut"] as const)(
      "when the store does this in the middle of an upload (%s) it fails, and nothing of it stays",
      async (mode) => {
        store.setMode(mode);
        const { status } = await upload(b.url, token, { "lost.png": noisePng(3_000_000) });
        store.setMode("keep");
        expect(status).toBeGreaterThanOrEqual(500);
        expect([...store.objects.keys()].filter((name) => name.includes("lost"))).toEqual([]);
        expect((await upload(b.url, token, { "found.png": picture })).status).toBe(200);
      },
    );

    test("nothing of any upload was ever on the container's disk", async () => {
      expect(docker("diff", b.container.getId()).split("\n").filter(isChange)).toEqual([]);
      const { output } = await b.container.exec(["node", "-e", listTmp]);
      expect(JSON.parse(output)).toEqual([]);
    });

    test("an export lies in the private bucket, opens with a signed link and with nothing else", async () => {
      await must(a.url, "/admin/products/export", { token, method: "POST" });
      // A only serves: the work is B's.
      type Feed = { notifications: { data: { file?: { url: string } } }[] };
      const feed = () => must<Feed>(a.url, "/admin/notifications", { token });
      const linkIn = ({ notifications }: Feed) => notifications.find(({ data }) => data.file)?.data.file?.url;
      const link = linkIn(await askUntil(feed, (found) => linkIn(found) !== undefined, 30_000));
      expect(link).toMatch(/\/exports\/private\/.*\.csv\?.*X-Amz-Signature=/);
      expect(await (await fetch(link!)).text()).toContain("Product Handle");
      expect((await fetch(link!.split("?")[0]!)).status).toBe(403);
      expect([...store.objects.keys()].filter((name) => name.endsWith(".csv"))).toEqual([
        expect.stringMatching(/^exports\//),
      ]);
    });
  });

  describe("orders under pressure", () => orderTests(() => ({ a, b, key, token })));

  describe("customers", () => customerTests(() => ({ a, b, key, token, variant, query })));

  describe("logging in", () => loginTests(() => ({ world, a, b, admin })));

  describe("a keeper who is locked out", () => keeperTests(() => ({ a, admin })));

  describe("when one dies", () => {
    test("the session and the cart made on A go on at B after kill -9, and the order is placed", async () => {
      // The one of before ended with a logout above.
      token = await logIn(a.url, admin);
      const session = await call(a.url, "/auth/session", { token, method: "POST" });
      expect(session.cookie).toMatch(/^connect\.sid=/);
      const cart = await fillCart(a.url, key, variant);
      docker("kill", "--signal", "KILL", a.container.getId());

      const me = await must<{ user: { email: string } }>(b.url, "/admin/users/me", { cookie: session.cookie! });
      expect(me.user.email).toBe(adminEmail);
      const { type, order } = await checkOut(b.url, key, cart);
      // Two of 10 and 5 for shipping, 20 % on top.
      expect([type, order.total]).toEqual(["order", 30]);
    });

    test("SIGTERM ends it within ten seconds, with code 0", () => {
      docker("stop", "--time", "10", b.container.getId());
      expect(docker("inspect", "--format", "{{.State.ExitCode}}", b.container.getId()).trim()).toBe("0");
    });
  });
});

test("a worker answers for its health and readiness and serves nothing else", async () => {
  const worker = await world.backend({ MEDUSA_WORKER_MODE: "worker" });
  const statuses = ["/health", "/readyz", "/store/regions", "/admin/users/me", "/app"].map(
    async (path) => (await call(worker.url, path)).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 200, 404, 404, 404]);
});

const listTmp = `
  const { readdirSync } = require("fs");
  // Medusa's own settings; nothing else may lie here.
  console.log(JSON.stringify(readdirSync("/tmp").filter((name) => name !== "configstore" && name !== "medusa")));
`;

/** Docker lists a mounted folder as changed. */
const isChange = (line: string) => line !== "" && line !== "C /tmp";
