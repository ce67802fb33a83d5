import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TemporaryError } from "../../base/errors.ts";
import { dockerEngine, PULL_LIMITS } from "./docker.ts";

let folder: string;
let server: Server;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenleaf-engine-"))));
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An engine that answers each path, without its version, as it is told. */
async function engineOf(answers: Readonly<Record<string, Answer>>, limits = PULL_LIMITS) {
  const socket = join(folder, "engine.sock");
  server = createServer((request, response) => {
    request.resume();
    const path = (request.url ?? "").split("?")[0] ?? "";
    (answers[path] ?? ((_request, other) => other.end()))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return dockerEngine(socket, limits);
}

/** Gives bytes for as long as they are taken. */
const endless =
  (piece: Buffer): Answer =>
  (_request, response) => {
    const more = () => {
      while (!response.destroyed) if (!response.write(piece)) return;
    };
    response.on("drain", more);
    more();
  };

const PIECE = Buffer.alloc(64 * 1024, "x");
const soon = { ...PULL_LIMITS, silenceMs: 200 };

test("a pull that stands still after three bytes is told, then given up, and the engine hears of it", async () => {
  const left = Promise.withResolvers<void>();
  const engine = await engineOf(
    {
      "/images/create": (_request, response) => {
        response.write('{"s');
        response.on("close", () => left.resolve());
      },
    },
    soon,
  );
  const told: string[] = [];
  const pulled = engine.pull("registry.example/a", { progress: (line) => told.push(line) });
  await expect(pulled).rejects.toBeInstanceOf(TemporaryError);
  await expect(pulled).rejects.toMatchObject({ message: "pull image registry.example/a failed" });
  expect(told[0]).toMatch(/^pulling registry.example\/a: not a byte for/);
  await left.promise;
});

test("a pull whose first answer never comes is given up too", async () => {
  const engine = await engineOf({ "/images/create": () => undefined }, soon);
  await expect(engine.pull("a", { progress: () => undefined })).rejects.toMatchObject({ exitCode: 75 });
});

test("a pull that waits for its turn is kept for as long as another one moves", async () => {
  const moved = Promise.withResolvers<void>();
  let steps = 0;
  const engine = await engineOf(
    {
      "/images/create": (request, response) => {
        if (request.url?.includes("waiting")) {
          response.write('{"status":"Waiting"}\n');
          void moved.promise.then(() => response.end('{"status":"done"}\n'));
          return;
        }
        const moving = setInterval(() => {
          response.write('{"status":"Downloading"}\n');
          if ((steps += 1) < 80) return;
          clearInterval(moving);
          response.end();
          moved.resolve();
        }, 40);
      },
    },
    { ...PULL_LIMITS, silenceMs: 1_500 },
  );
  const progress = () => undefined;
  await Promise.all([engine.pull("waiting", { progress }), engine.pull("moving", { progress })]);
  expect(steps).toBe(80);
});

test.each(["not json\n", `{"status":"${"x".repeat(100_000)}`])(
  "an event that is none ends the pull, not the process",
  async (text) => {
    const engine = await engineOf({ "/images/create": (_request, response) => response.end(text) });
    await expect(engine.pull("a", { progress: () => undefined })).rejects.toMatchObject({ exitCode: 75 });
  },
);

test("a pull that is cut off in the middle is not a pulled image", async () => {
  const engine = await engineOf({
    "/images/create": (_request, response) => {
      response.write('{"status":"Downloading"}\n');
      setTimeout(() => response.destroy(), 50);
    },
  });
  await expect(engine.pull("a", { progress: () => undefined })).rejects.toMatchObject({ exitCode: 75 });
});

test("a list without an end is given up at its size limit", async () => {
  const engine = await engineOf({ "/containers/json": endless(PIECE) });
  await expect(engine.list()).rejects.toMatchObject({ why: "an answer of more than 64 MB", exitCode: 75 });
});

test("of lines without an end the last part is shown", async () => {
  const head = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const engine = await engineOf({
    "/containers/c/json": (_request, response) => response.end('{"Config":{"Tty":false}}'),
    "/containers/c/logs": (request, response) => {
      response.write(head);
      endless(PIECE)(request, response);
    },
  });
  expect(await engine.logs("c", 20)).toBe("x".repeat(64 * 1024));
});

test("a job that prints a result without an end is given up", async () => {
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 1, 0, 0]), PIECE]);
  const engine = await engineOf({
    "/containers/c/attach": endless(frame),
    "/containers/c/start": (_request, response) => response.writeHead(204).end(),
    "/containers/c/wait": () => undefined,
  });
  await expect(engine.run("c", () => undefined)).rejects.toMatchObject({ why: "an answer of more than 8 MB" });
});

const renames = (statuses: readonly number[]) => {
  let count = 0;
  const answer: Answer = (_request, response) => {
    response.writeHead(statuses[Math.min(count, statuses.length - 1)] ?? 0, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: "sandbox 24f3 not found" }));
    count += 1;
  };
  return { answer, count: () => count };
};

const there: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" }).end('{ "Id": "one" }');
};
const away: Answer = (_request, response) => {
  response.writeHead(404, { "content-type": "application/json" }).end('{ "message": "No such container: one" }');
};

test.each([500, 404])("a container that ends while it is renamed (%i) is renamed all the same", async (status) => {
  const { answer, count } = renames([status, status, 204]);
  const engine = await engineOf({ "/containers/one/rename": answer, "/containers/one/json": there });
  await engine.rename("one", "shop-backend-1");
  expect(count()).toBe(3);
});

test.each([
  ["a name that is taken", 409, there, 1],
  ["a container that is not there", 404, away, 1],
  ["an engine that fails for good", 500, there, 100],
])("%s (%i) ends a rename", async (_, status, inspected, attempts) => {
  const { answer, count } = renames([status]);
  const engine = await engineOf({ "/containers/one/rename": answer, "/containers/one/json": inspected });
  await expect(engine.rename("one", "shop-backend-1")).rejects.toThrow("rename container one failed");
  expect(count()).toBe(attempts);
});
