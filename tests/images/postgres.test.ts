import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findImage } from "../../scripts/images/engine.ts";
import { type Container, Containers, certificates, removeFolder } from "./containers.ts";

const IMAGE = "greenleaf/postgres:local";
const PASSWORD = `p'w"\\ $HOME \`é; DROP`;
const isBuilt = (await findImage(IMAGE)) !== undefined;
if (!isBuilt) console.warn(`skipped: ${IMAGE} is not built; ./greenleaf images postgres builds it`);

describe.skipIf(!isBuilt)("greenleaf/postgres (needs its image: sudo ./greenleaf images postgres)", () => {
  const containers = new Containers();
  let tls = "";
  let otherTls = "";
  let server: Container;
  let volume = "";

  const wanted = (password: string) => ({
    image: IMAGE,
    env: { POSTGRES_USER: "shop", POSTGRES_PASSWORD: password, POSTGRES_DB: "plants" },
    mounts: [`${tls}:/etc/greenleaf/tls:ro`, `${volume}:/var/lib/postgresql/data`],
    port: 5432,
  });

  async function ask(sql: string, options: { password?: string; ca?: string; ssl?: boolean } = {}) {
    const ca = await readFile(join(options.ca ?? tls, "ca.crt"), "utf8");
    const client = new Client({
      host: "127.0.0.1",
      port: await server.port(),
      user: "shop",
      database: "plants",
      password: options.password ?? PASSWORD,
      ...(options.ssl === false ? {} : { ssl: { ca } }),
    });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    [tls, otherTls] = await Promise.all([certificates("postgres"), certificates("postgres")]);
    volume = containers.volume();
    server = await containers.start(wanted(PASSWORD));
    await server.healthy();
  });

  afterAll(async () => {
    await containers.clear();
    await Promise.all([tls, otherTls].map(removeFolder));
  });

  test("serves the database over TLS to the role of the environment, which is no superuser", async () => {
    const [row] = await ask(
      "SELECT current_database() AS database, rolsuper, rolcreatedb, version, ssl FROM pg_roles, pg_stat_ssl WHERE rolname = current_user AND pid = pg_backend_pid()",
    );
    expect(row).toMatchObject({ database: "plants", rolsuper: false, rolcreatedb: true, ssl: true });
    const [{ server_version: version } = {}] = await ask("SHOW server_version");
    expect(version).toMatch(/^17\./);
  });

  test("refuses plain text, an unknown authority and a wrong password", async () => {
    await expect(ask("SELECT 1", { ssl: false })).rejects.toThrow(/pg_hba\.conf rejects|no encryption/);
    await expect(ask("SELECT 1", { ca: otherTls })).rejects.toThrow(/certificate/);
    await expect(ask("SELECT 1", { password: "wrong" })).rejects.toThrow("password authentication failed");
  });

  test("shows the password neither in its arguments nor in its log", async () => {
    const shown = (await server.commandLines()) + (await server.logs());
    expect(shown).toContain("postgres -D");
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain("DROP");
  });

  test("keeps every committed row when it is killed", async () => {
    await ask("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
    await server.kill();
    await server.again();
    await server.healthy();
    expect(await ask("SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 1000 }]);
  });

  test("takes a new password from its environment and keeps the data", async () => {
    await server.remove();
    server = await containers.start(wanted("another one"));
    await server.healthy();
    expect(await ask("SELECT count(*)::int AS n FROM kept", { password: "another one" })).toEqual([{ n: 1000 }]);
    await expect(ask("SELECT 1")).rejects.toThrow("password authentication failed");
  });

  test("begins again when its first start is killed at any moment", async () => {
    for (const afterMs of [300, 900, 1500]) {
      const mounts = [`${tls}:/etc/greenleaf/tls:ro`, `${containers.volume()}:/var/lib/postgresql/data`];
      const fresh = await containers.start({ ...wanted("first"), mounts });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await fresh.kill();
      await fresh.again();
      await fresh.healthy();
      await fresh.remove();
    }
  });

  test("does not share its volume with a second server", async () => {
    const second = await containers.start(wanted("another one"));
    expect(await second.exited()).toBe(78);
    await second.logged(/another server uses this volume/);
    expect(await ask("SELECT count(*)::int AS n FROM kept", { password: "another one" })).toEqual([{ n: 1000 }]);
  });

  test("says what is missing, and ends with code 78", async () => {
    const noPassword = await containers.start({ image: IMAGE });
    expect(await noPassword.exited()).toBe(78);
    await noPassword.logged(/why: {3}POSTGRES_PASSWORD is empty/);
    const noTls = await containers.start({ image: IMAGE, env: { POSTGRES_PASSWORD: "x" } });
    expect(await noTls.exited()).toBe(78);
    await noTls.logged(/\/etc\/greenleaf\/tls\/server\.crt is missing or not readable by uid 10001/);
  });
});
