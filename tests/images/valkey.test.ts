import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findImage } from "../../scripts/images/engine.ts";
import { type Container, Containers, certificates, removeFolder } from "./containers.ts";

const IMAGE = "greenleaf/valkey:local";
const PASSWORD = `p'w"\\ $HOME \`é`;
const isBuilt = (await findImage(IMAGE)) !== undefined;
if (!isBuilt) console.warn(`skipped: ${IMAGE} is not built; ./greenleaf images valkey builds it`);

/** One request in Valkey's wire form: an array of byte strings. */
const request = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

describe.skipIf(!isBuilt)("greenleaf/valkey (needs its image: sudo ./greenleaf images valkey)", () => {
  const containers = new Containers();
  let tls = "";
  let otherTls = "";
  let server: Container;

  /** Sends requests and gives the bytes that came back within a moment. */
  async function ask(requests: readonly string[], { ca = tls, plain = false } = {}): Promise<string> {
    const port = await server.port();
    const authority = await readFile(join(ca, "ca.crt"));
    return new Promise((resolve, reject) => {
      let answer = "";
      const socket = plain
        ? connect(port, "127.0.0.1")
        : connectTls({ host: "127.0.0.1", port, ca: authority, servername: "valkey" });
      socket.on("error", reject).on("close", () => resolve(answer));
      socket.setTimeout(700, () => socket.destroy());
      socket.on("data", (chunk) => (answer += chunk.toString()));
      socket.write(requests.join(""));
    });
  }
  const login = request("AUTH", PASSWORD);

  beforeAll(async () => {
    [tls, otherTls] = await Promise.all([certificates("valkey"), certificates("valkey")]);
    const mounts = [`${tls}:/etc/greenleaf/tls:ro`, `${containers.volume()}:/var/lib/valkey`];
    server = await containers.start({ image: IMAGE, env: { VALKEY_PASSWORD: PASSWORD }, mounts, port: 6379 });
    await server.healthy();
  });

  afterAll(async () => {
    await containers.clear();
    await Promise.all([tls, otherTls].map(removeFolder));
  });

  test("answers over TLS with the password", async () => {
    expect(await ask([login, request("PING")])).toBe("+OK\r\n+PONG\r\n");
    expect(await ask([login, request("INFO", "server")])).toMatch(/valkey_version:8\./);
  });

  test("refuses plain text, an unknown authority, a wrong password and none", async () => {
    expect(await ask([login, request("PING")], { plain: true }).catch(String)).not.toContain("PONG");
    await expect(ask([request("PING")], { ca: otherTls })).rejects.toThrow(/certificate/);
    expect(await ask([request("AUTH", "wrong")])).toMatch(/^-WRONGPASS/);
    expect(await ask([request("PING")])).toMatch(/^-NOAUTH/);
  });

  test("would rather refuse a write than forget something", async () => {
    expect(await ask([login, request("CONFIG", "GET", "maxmemory-policy")])).toContain("noeviction");
  });

  test("keeps what it was told to keep when it is killed", async () => {
    const saved = await ask([login, request("SET", "cart", "12 plants"), request("WAITAOF", "1", "0", "500")]);
    expect(saved).toBe("+OK\r\n+OK\r\n*2\r\n:1\r\n:0\r\n");
    await server.kill();
    await server.again();
    await server.healthy();
    expect(await ask([login, request("GET", "cart")])).toBe("+OK\r\n$9\r\n12 plants\r\n");
  });

  test("shows the password neither in its arguments nor in its log", async () => {
    const shown = (await server.commandLines()) + (await server.logs());
    expect(shown).toContain("valkey-server");
    expect(shown).not.toContain(PASSWORD);
  });

  test("says what is missing, and ends with code 78", async () => {
    const noPassword = await containers.start({ image: IMAGE });
    expect(await noPassword.exited()).toBe(78);
    await noPassword.logged(/why: {3}VALKEY_PASSWORD is empty/);
  });
});
