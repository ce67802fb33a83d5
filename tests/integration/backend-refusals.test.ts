import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BackendWorld, backendWorld } from "./backend-world.ts";

let world: BackendWorld;
beforeAll(async () => {
  world = await backendWorld("refusals");
});
afterAll(() => world?.close());

const r2 = `https://${"0123456789abcdef".repeat(2)}.r2.cloudflarestorage.com`;

/** One variable changed in a healthy environment, and what must be said about it. */
const slips: [variable: string, value: string, said: RegExp][] = [
  ["DATABASE_URL", "", /^DATABASE_URL is missing$/],
  ["DATABASE_URL", "mysql://medusa:pw@postgres/medusa", /^DATABASE_URL must begin with postgres/],
  ["DATABASE_URL", "postgres://medusa@postgres/medusa", /^DATABASE_URL has no password$/],
  ["DATABASE_URL", "postgres://medusa:pw@postgres", /^DATABASE_URL names no database$/],
  [
    "DATABASE_URL",
    "postgres://medusa:pw@postgres/medusa?sslmode=disable",
    /^DATABASE_URL must not carry ssl parameters/,
  ],
  ["DATABASE_URL", "not a url", /^DATABASE_URL is not a URL/],
  [
    "DATABASE_CA_CERT",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    /^DATABASE_CA_CERT must hold PEM/,
  ],
  ["REDIS_URL", "redis://default:pw@valkey:6379", /^REDIS_URL must begin with rediss:\/\/.*refused$/],
  ["REDIS_URL", "rediss://valkey:6379", /^REDIS_URL has no password$/],
  ["REDIS_CA_CERT", "nonsense", /^REDIS_CA_CERT must hold PEM/],
  ["JWT_SECRET", "x".repeat(31), /^JWT_SECRET must have 32 characters or more$/],
  ["COOKIE_SECRET", "jwt-canary-jwt-canary-jwt-canary-1", /^COOKIE_SECRET must differ from JWT_SECRET$/],
  ["STORE_CORS", "https://shop.example/", /^STORE_CORS must be origins/],
  ["AUTH_CORS", "https://other.example", /^AUTH_CORS must list every origin of STORE_CORS and ADMIN_CORS/],
  ["S3_ENDPOINT", "ftp://aws", /^S3_ENDPOINT must begin with/],
  ["S3_ENDPOINT", "http://aws:4566/media", /^S3_ENDPOINT must not have a path/],
  ["S3_ENDPOINT", `${r2}/media`, /^S3_ENDPOINT must be https:\/\/<account id/],
  ["S3_ENDPOINT", "https://account.r2.cloudflarestorage.com", /^S3_ENDPOINT must be https:\/\/<account id/],
  ["S3_FILE_URL", "http://aws:4566/media", /^S3_FILE_URL must be the public domain/],
  ["S3_FILE_URL", r2, /^S3_FILE_URL must be the public domain/],
  ["S3_PRIVATE_BUCKET", "media", /^S3_PRIVATE_BUCKET must differ from S3_BUCKET/],
  ["S3_BUCKET", "Media_1", /^S3_BUCKET must be a bucket name$/],
  ["MEDUSA_WORKER_MODE", "both", /^MEDUSA_WORKER_MODE must be one of shared, server, worker$/],
  ["SHOP_CURRENCY", "EUR", /^SHOP_CURRENCY must be an ISO 4217/],
  ["SHOP_COUNTRIES", "fr,de,fr", /^SHOP_COUNTRIES names a country twice$/],
  ["SHOP_COUNTRIES", "France", /^SHOP_COUNTRIES must be ISO 3166/],
  ["SHOP_TAX_RATE", "a fifth", /^SHOP_TAX_RATE must be a percentage/],
  ["SHOP_TAX_RATE", "120", /^SHOP_TAX_RATE must not be over 100$/],
  ["ADMIN_EMAIL", "admin", /^ADMIN_EMAIL must be an e-mail address$/],
  ["ADMIN_PASSWORD", "eleven char", /^ADMIN_PASSWORD must have 12 characters/],
];

/** Runs in the image, so that what is judged is what ships. */
const judge = `
  const { readSettings, readShop } = require("/app/src/environment.js");
  const judged = JSON.parse(process.env.CASES).map((env) =>
    [...readSettings(env).problems, ...readShop(env).problems].map(({ key, what }) => key + " " + what));
  console.log(JSON.stringify(judged));
`;

describe("the environment", () => {
  test("each slip is named, and nothing else", async () => {
    // An account's key has 32 characters, so that a slip in R2's endpoint is one slip.
    const healthyEnv = { ...world.env, S3_ACCESS_KEY_ID: "k".repeat(32) };
    const cases: Record<string, string>[] = [
      healthyEnv,
      ...slips.map(([variable, value]) => ({ ...healthyEnv, [variable]: value })),
    ];
    cases.push({ ...world.env, S3_ENDPOINT: r2 });
    const { stdout } = await world.run({ entrypoint: ["node", "-e", judge], env: { CASES: JSON.stringify(cases) } });
    const [healthy, ...judged] = JSON.parse(stdout) as string[][];
    expect(healthy).toEqual([]);
    expect(judged.pop()).toEqual([expect.stringMatching(/^S3_ACCESS_KEY_ID must have 32 characters for R2/)]);
    for (const [at, [variable, , said]] of slips.entries()) {
      expect(judged[at], `${variable}, slip ${at}`).toHaveLength(1);
      expect(judged[at]![0]).toMatch(said);
    }
  });

  test("every missing name is in one message with exit 78", async () => {
    const job = await world.run({ args: ["first-run"], env: {} });
    expect(job.exitCode).toBe(78);
    expect(job.stdout).toBe("");
    const named = job.stderr.match(/^(?:why:)?\s+([A-Z0-9_]+) is missing$/gm) ?? [];
    const optional = new Set(["DATABASE_CA_CERT", "REDIS_CA_CERT", "MEDUSA_WORKER_MODE"]);
    expect(named).toHaveLength(Object.keys(world.env).filter((key) => !optional.has(key)).length);
    expect(job.stderr).toMatch(/^error: .*\nwhy: {3}[\s\S]*\nfix: {3}.*\n$/);
  });

  test("no value of a variable is ever repeated", async () => {
    const env = Object.fromEntries(Object.keys(world.env).map((key) => [key, `canary-${key}`]));
    const job = await world.run({ env });
    expect(job.exitCode).toBe(78);
    expect(`${job.stdout}${job.stderr}`).not.toContain("canary");
  });

  test("a wrong command is a usage error", async () => {
    const job = await world.run({ args: ["serve"], env: world.env });
    expect([job.exitCode, job.stderr]).toEqual([
      64,
      expect.stringContaining("start, first-run, reset-password, migrations-hash"),
    ]);
  });
});

describe("servers that are not who they should be", () => {
  test.each([
    ["PostgreSQL", "DATABASE_CA_CERT"],
    ["Valkey", "REDIS_CA_CERT"],
  ])("%s with a certificate of an unknown CA is refused", async (server, variable) => {
    const job = await world.run({ env: { ...world.env, [variable]: world.strangerCa } });
    expect(job.exitCode).toBe(78);
    expect(job.stderr).toMatch(new RegExp(`^why: {3}${server} .*UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED`, "m"));
  });

  test("without a CA of ours the shipped bundle of RDS is what counts", async () => {
    const job = await world.run({ args: ["first-run"], env: { ...world.env, DATABASE_CA_CERT: "" } });
    expect([job.exitCode, job.stderr]).toEqual([78, expect.stringContaining("PostgreSQL (DATABASE_URL)")]);
    const count = await world.run({ entrypoint: ["node", "-p", countCertificates], env: {} });
    expect(Number(count.stdout)).toBeGreaterThan(90);
  });

  test("a certificate for another name is refused", async () => {
    const env = { ...world.env, DATABASE_URL: world.env["DATABASE_URL"]!.replace("@postgres:", "@impostor:") };
    const job = await world.run({ env });
    expect([job.exitCode, job.stderr]).toEqual([78, expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID")]);
  });

  test.each([
    ["DATABASE_URL", (host: string) => `postgres://medusa:pw@${host}/medusa`, "N"],
    ["REDIS_URL", (host: string) => `rediss://default:pw@${host}`, "-ERR unknown command\r\n"],
  ])("a server that only speaks plaintext is refused (%s)", async (variable, urlOf, answer) => {
    const plain = await plaintextServer(answer);
    try {
      const port = (plain.address() as AddressInfo).port;
      const job = await world.run({ env: { ...world.env, [variable]: urlOf(`${world.gateway}:${port}`) } });
      expect([job.exitCode, job.stderr]).toEqual([78, expect.stringContaining(`(${variable})`)]);
    } finally {
      plain.close();
    }
  });

  test("our PostgreSQL refuses plaintext itself", async () => {
    const { postgres, databasePassword: password } = world;
    const client = new Client({
      host: postgres.getHost(),
      port: postgres.getMappedPort(5432),
      user: "medusa",
      database: "medusa",
      password,
    });
    await expect(client.connect()).rejects.toMatchObject({ code: "28000" });
  });

  test.each([
    ["DATABASE_URL", "28P01"],
    ["REDIS_URL", "WRONGPASS"],
  ])("a wrong password in %s is refused", async (variable, said) => {
    const job = await world.run({
      env: { ...world.env, [variable]: world.env[variable]!.replace(/:[^:@]*@/, ":wrong@") },
    });
    expect([job.exitCode, job.stderr]).toEqual([78, expect.stringContaining(said)]);
  });

  test("a server that does not answer is waited for, then it is 75", async () => {
    const env = { ...world.env, REDIS_URL: "rediss://default:pw@nowhere.invalid:6379" };
    const job = await world.run({ env });
    expect([job.exitCode, job.stderr]).toEqual([75, expect.stringContaining("Valkey (REDIS_URL)")]);
  });
});

const countCertificates = "require('fs').readFileSync('/app/certs/rds.pem', 'utf8').match(/BEGIN CERTIFICATE/g).length";

/** Answers the first bytes it gets, as a PostgreSQL or Valkey without TLS does. */
async function plaintextServer(answer: string): Promise<Server> {
  const server = createServer((socket: Socket) => {
    socket.on("error", () => undefined).once("data", () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return server;
}

test("a name that nobody has costs the hash of one that somebody has, at login and at registration", async () => {
  const job = await world.run({ entrypoint: ["node", "-e", countHashes], env: {} });
  const { register, ...logins } = JSON.parse(job.stdout) as Record<string, unknown[]>;
  const wrong = { success: false, error: "Invalid email or password", hashes: 1 };
  expect(logins).toEqual({
    unknown: [wrong],
    wrong: [wrong],
    passwordless: [wrong],
    right: [{ success: true, hashes: 1 }],
  });
  expect(register).toEqual([
    { success: false, error: "Identity with email already exists", hashes: 1 },
    { success: true, hashes: 1 },
  ]);
});

/** Runs in the image: Medusa's provider with our rules, on identities of its own, with its hash counted. */
const countHashes = `
  const scrypt = require("scrypt-kdf");
  const { LoginService } = require("/app/src/modules/login/login-service.js");
  let hashes = 0;
  (async () => {
    const password = (await scrypt.kdf("the right password", { logN: 15, r: 8, p: 1 })).toString("base64");
    for (const name of ["kdf", "verify"]) {
      const own = scrypt[name].bind(scrypt);
      scrypt[name] = (...given) => (hashes += 1, own(...given));
    }
    const identity = (metadata) => ({ id: "1", app_metadata: { user_id: "u" },
      provider_identities: [{ provider: "emailpass", provider_metadata: metadata }] });
    const known = { known: () => identity({ password }), passwordless: () => identity({}) };
    const identities = {
      retrieve: async ({ entity_id: name }) => {
        if (known[name]) return known[name]();
        throw Object.assign(new Error("not found"), { type: "not_found" });
      },
      create: async () => identity({ password }),
    };
    const service = new LoginService({ logger: console }, {});
    const counted = async (step, email, password) => {
      hashes = 0;
      const url = "/auth/user/emailpass" + (step === "register" ? "/register" : "");
      const { success, error } = await service[step]({ url, body: { email, password } }, identities);
      return { success, error, hashes };
    };
    console.log(JSON.stringify({
      unknown: [await counted("authenticate", "nobody", "the wrong password")],
      wrong: [await counted("authenticate", "known", "the wrong password")],
      passwordless: [await counted("authenticate", "passwordless", "the wrong password")],
      right: [await counted("authenticate", "known", "the right password")],
      register: [await counted("register", "known", "the wrong password"), await counted("register", "new", "the wrong password")],
    }));
  })();
`;
