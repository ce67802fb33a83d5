import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { refuseWithoutServers, type Watched, watchServer } from "../../../images/backend/src/http/servers-away.ts";
import { served } from "../../support/served.ts";

/** A server of which the test says whether it is away. */
function told(isAway = false): Watched & { go: () => void } {
  const listeners: (() => void)[] = [];
  return {
    isAway: () => isAway,
    onAway: (listener) => void listeners.push(listener),
    go: () => {
      isAway = true;
      for (const listener of listeners) listener();
    },
  };
}

async function serve(watched: Readonly<Record<string, Watched>>, medusa: RequestListener): Promise<string> {
  const server = createServer(medusa);
  refuseWithoutServers(server, watched);
  return served(server);
}

async function start(away: { postgresql?: boolean; valkey?: boolean }) {
  const watched = { postgresql: told(away.postgresql), valkey: told(away.valkey) };
  const url = await serve(watched, (_, response) => void response.end("medusa"));
  return async (method: string, path: string) => (await fetch(`${url}${path}`, { method })).status;
}

const REQUESTS = [
  ["GET", "/store/products"],
  ["POST", "/store/carts"],
  ["GET", "/admin/orders"],
  ["POST", "/auth/customer/emailpass"],
  ["GET", "/health"],
  ["GET", "/app"],
  ["OPTIONS", "/store/carts"],
] as const;

test.each([
  ["with all servers everything reaches Medusa", {}, [200, 200, 200, 200, 200, 200, 200]],
  ["without PostgreSQL nothing that needs it does", { postgresql: true }, [503, 503, 503, 503, 200, 200, 200]],
  ["without Valkey nothing does either", { valkey: true }, [503, 503, 503, 503, 200, 200, 200]],
])("%s", async (_, away, expected) => {
  const ask = await start(away);
  expect(await Promise.all(REQUESTS.map(([method, path]) => ask(method, path)))).toEqual(expected);
});

test("the refusal says what is missing and when to come back", async () => {
  const url = await serve({ postgresql: told(true) }, () => undefined);
  const answer = await fetch(`${url}/store/products`);
  expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("cache-control")]).toEqual([
    503,
    "5",
    "no-store",
  ]);
  expect(await answer.json()).toMatchObject({ type: "unavailable", message: expect.stringContaining("postgresql") });
});

test("what waits when a server goes is answered, and what Medusa says of it later is dropped", async () => {
  const postgresql = told();
  const waiting: ServerResponse[] = [];
  const ended: unknown[] = [];
  const url = await serve({ postgresql, valkey: told() }, (request, response) => {
    if (request.url === "/health") return void response.end("well");
    // As a session does, which would be kept first.
    const end = response.end.bind(response) as (body: string) => ServerResponse;
    response.end = (body: unknown) => {
      ended.push(body);
      return end(String(body));
    };
    response.setHeader("access-control-allow-origin", "*");
    waiting.push(response);
  });
  const answers = Promise.all(["GET", "POST"].map((method) => fetch(`${url}/store/carts`, { method })));
  await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(2);
  postgresql.go();
  for (const answer of await answers) {
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([503, "*"]);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining("postgresql") });
  }
  for (const response of waiting) {
    response.setHeader("x-late", "1").removeHeader("x-late");
    response.writeHead(200).write("late");
    response.flushHeaders();
    response.end("late");
  }
  expect(ended).toEqual(["late", "late"]);
  expect(await (await fetch(`${url}/health`)).text()).toBe("well");
});

test("an answer that has begun is not cut off", async () => {
  const postgresql = told();
  const begun: ServerResponse[] = [];
  const url = await serve({ postgresql }, (_, response) => {
    response.writeHead(200).write("the first half");
    begun.push(response);
  });
  const answer = await fetch(`${url}/store/products`);
  postgresql.go();
  begun[0]?.end(", the second");
  expect([answer.status, await answer.text()]).toEqual([200, "the first half, the second"]);
});

test("one lost answer is no absence, and a server that answers again is back", async () => {
  const answers = [true, false, true, false, false, true];
  const heard: boolean[] = [];
  const question = async () => {
    await Promise.resolve();
    heard.push(watched.isAway());
    if (answers.shift() !== true) throw new Error("no answer");
  };
  const watched: Watched = watchServer(question, () => heard.length > 6);
  let absences = 0;
  watched.onAway(() => {
    absences += 1;
  });
  await expect.poll(() => heard.length, { timeout: 60_000 }).toBe(7);
  expect(heard).toEqual([false, false, false, false, false, true, false]);
  expect(absences).toBe(1);
});
