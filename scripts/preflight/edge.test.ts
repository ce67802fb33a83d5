import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { edgeFindings } from "./edge.ts";

interface Reply {
  readonly status?: number;
  readonly result?: unknown;
  readonly errors?: ReadonlyArray<{ readonly code: number; readonly message: string }>;
}

const ZONE = /^\/zones\/0+$/;
let replies: Array<[path: RegExp, reply: Reply]>;
let base: string;
const server = createServer((request, response) => {
  if (request.headers.authorization !== "Bearer token-1") return void response.writeHead(400).end("{}");
  const [, { status = 200, ...reply }] = replies.find(([path]) => path.test(request.url ?? "")) ?? [
    /x/,
    { status: 404 },
  ];
  response.writeHead(status).end(JSON.stringify(reply));
});

const clean: Array<[RegExp, Reply]> = [
  [/^\/user\/tokens\/verify$/, { result: { status: "active" } }],
  [ZONE, { result: { name: "greenleaf.com", status: "active", plan: { legacy_id: "pro" } } }],
  [/dnssec$/, { result: { status: "active" } }],
  [/r2\/buckets$/, { result: { buckets: [] } }],
];

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void (server.closeAllConnections(), server.close()));
beforeEach(() => void (replies = clean));

const look = () => edgeFindings({ CLOUDFLARE_API_TOKEN: "token-1", CLOUDFLARE_BASE_URL: base });
const bad = async () => (await look()).filter(({ verdict }) => verdict !== "ok");

test("nothing is said against a zone that is ready", async () => {
  expect(await bad()).toEqual([]);
});

test.each<[subject: string, verdict: string, word: string, path: RegExp, reply: Reply]>([
  ["edge token", "fails", "expired", /verify$/, { result: { status: "expired" } }],
  [
    "edge token",
    "fails",
    "Invalid API Token",
    /verify$/,
    { status: 401, errors: [{ code: 1000, message: "Invalid API Token" }] },
  ],
  ["edge zone", "fails", "pending", ZONE, { result: { name: "greenleaf.com", status: "pending" } }],
  ["edge zone", "fails", "other.com", ZONE, { result: { name: "other.com", status: "active" } }],
  [
    "edge zone",
    "fails",
    "Authentication",
    ZONE,
    { status: 403, errors: [{ code: 10_000, message: "Authentication error" }] },
  ],
  [
    "R2",
    "fails",
    "not enabled",
    /r2\/buckets$/,
    { status: 403, errors: [{ code: 10_042, message: "Please enable R2" }] },
  ],
  [
    "R2",
    "fails",
    "Authentication",
    /r2\/buckets$/,
    { status: 403, errors: [{ code: 10_000, message: "Authentication error" }] },
  ],
  ["DNSSEC", "warns", "pending", /dnssec$/, { result: { status: "pending" } }],
])("%s %s: %s", async (subject, verdict, word, path, reply) => {
  replies = [[path, reply], ...clean];
  const found = await bad();
  expect(found).toEqual([expect.objectContaining({ subject, verdict, why: expect.stringContaining(word) })]);
});

test("without a token nothing is asked, and that is said; without an answer as well", async () => {
  expect(await edgeFindings({})).toMatchObject([{ verdict: "unseen", why: "CLOUDFLARE_API_TOKEN is not set" }]);
  const away = await edgeFindings({ CLOUDFLARE_API_TOKEN: "token-1", CLOUDFLARE_BASE_URL: "http://127.0.0.1:1" });
  expect(away).toMatchObject([{ verdict: "unseen" }]);
  expect(JSON.stringify(away)).not.toContain("token-1");
});
