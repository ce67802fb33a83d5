import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Daemon, startDaemon } from "./daemon.ts";
import { type Front, startFront, whyNoFront } from "./front.ts";
import { exchange, request, statusOf } from "./wire.ts";

const reason = await whyNoFront();
if (reason) console.warn(`skipped: ${reason}`);

/** Each holds a body of which 22 bytes were sent. */
const HELD = 3_000;

const PLACES = {
  "the shop's API": "/store/carts",
  "the admin's uploads, which are given longer": "/admin/uploads",
  "the storefront": "/fr/cart",
};

describe.skipIf(reason)(`bodies that do not end${reason ? `, which ${reason}` : ""}`, () => {
  let daemon: Daemon;
  let front: Front;
  let where: { readonly host: string; readonly port: number };
  beforeAll(async () => {
    daemon = await startDaemon();
    front = await startFront({ agent: join(daemon.node.root, "run/greenleaf/agent") });
    // Not by the published port: docker-proxy ends for good when it has no file descriptor left, and is not in a node's way.
    where = { host: await front.caddy.address(), port: 8080 };
  });
  afterAll(async () => {
    await front.stop();
    await daemon.stop();
  });

  /** How many requests the backend has heard. */
  async function reached(): Promise<number> {
    const answer = await exchange(where, request("GET /store/x HTTP/1.1"), 60_000);
    return (JSON.parse(/\{[^]*\}/.exec(answer)?.[0] ?? "{}") as { heard?: number }).heard ?? Number.NaN;
  }

  async function held(path: string): Promise<Socket[]> {
    const length = path.startsWith("/fr") ? 900_000 : 19_000_000;
    const head = `POST ${path} HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    const sockets: Socket[] = [];
    for (let number = 0; number < HELD; number += 1) {
      const socket = connect(where);
      socket.on("error", () => undefined).write(`${head}{"a":"${"x".repeat(16)}`);
      sockets.push(socket);
      if (number % 50 === 0) await sleep(1);
    }
    return sockets;
  }

  test.each(Object.entries(PLACES))(
    `${HELD} of them for %s leave Caddy alive and the front page answered`,
    async (_, path) => {
      const frontPage = () => exchange(where, request("GET / HTTP/1.1"), 60_000);
      const before = await reached();
      const sockets = await held(path);
      try {
        for (let turn = 0; turn < 20; turn += 1) expect(statusOf(await frontPage())).toBe(200);
        expect(await front.caddy.state()).toMatchObject({ Status: "running", OOMKilled: false });
        // A body this short is waited for by Caddy alone.
        expect(await reached()).toBe(before + 1);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      expect(statusOf(await frontPage())).toBe(200);
    },
  );
});
