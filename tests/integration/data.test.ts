import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Credentials } from "../../scripts/local/aws/credentials.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { checkDump } from "../../scripts/local/data/dump.ts";
import { isMovedIn, restoreInto } from "../../scripts/local/data/move-in.ts";
import { localWorld } from "../../scripts/local/world.ts";
import { reaper } from "../support/reaper.ts";

const IMAGE = "greenleaf/postgres:local";
const PROJECT = `gl-data-${process.pid}`;
const db = { username: "shop_1", password: "data-canary-$'\"#\\ 5Zt" };

const MEDUSA = ["store", "product", "api_key", "sales_channel", "mikro_orm_migrations"]
  .map((table) => `create table ${table} (id text); insert into ${table} values ('theirs');`)
  .join(" ");

describe("data of a shop of before", () => {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-data-"));
  const world = { ...localWorld({ project: PROJECT }), root };
  const credentials = { db } as unknown as Credentials;
  const reap = reaper(`greenleaf.test=${PROJECT}`);
  let postgres: StartedTestContainer;

  beforeAll(async () => {
    await ensureCertificates(join(root, "tls"), ["postgres"]);
    postgres = await new GenericContainer(IMAGE)
      .withLabels({
        "greenleaf.test": PROJECT,
        "com.docker.compose.project": `${PROJECT}-local`,
        "com.docker.compose.service": "postgres",
      })
      .withEnvironment({ POSTGRES_USER: db.username, POSTGRES_PASSWORD: db.password, POSTGRES_DB: "medusa" })
      .withBindMounts([{ source: join(root, "tls/postgres"), target: "/etc/greenleaf/tls", mode: "ro" }])
      .withStartupTimeout(120_000)
      .withWaitStrategy(Wait.forHealthCheck())
      .start();
  }, 180_000);
  afterAll(async () => {
    await reap.finish();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    sql("postgres", "drop database if exists medusa with (force)");
    sql("postgres", "create database medusa");
    rmSync(join(root, "local"), { recursive: true, force: true });
  });

  const run = (...argv: string[]): Buffer => {
    const env = { PGHOST: "127.0.0.1", PGSSLMODE: "require", PGUSER: db.username, PGPASSWORD: db.password };
    const names = Object.keys(env).flatMap((name) => ["--env", name]);
    return execFileSync("docker", ["exec", ...names, postgres.getId(), ...argv], { env: { ...process.env, ...env } });
  };
  const sql = (database: string, text: string) =>
    run("psql", "--no-psqlrc", "-At", "--set=ON_ERROR_STOP=1", `--dbname=${database}`, `--command=${text}`)
      .toString()
      .trim();

  /** A dump of a database of which `text` made what is in it. */
  function dumpOf(name: string, text: string): string {
    sql("postgres", `drop database if exists ${name} with (force)`);
    sql("postgres", `create database ${name}`);
    sql(name, text);
    const path = join(root, `${name}.dump`);
    writeFileSync(path, run("pg_dump", "--format=custom", name));
    return path;
  }
  const move = async (dump: string): Promise<string[]> => {
    const said: string[] = [];
    await restoreInto(world, { credentials, dump }, (text) => void said.push(text));
    return said;
  };
  const tables = () => sql("medusa", "select count(*) from information_schema.tables where table_schema = 'public'");

  test("it fills an empty database; from the same file again nothing happens, and another file is refused", async () => {
    const dump = dumpOf("theirs", MEDUSA);
    await checkDump(dump);
    expect(await move(dump)).toEqual([expect.stringMatching(/^5 tables/)]);
    expect(sql("medusa", "select id from product")).toBe("theirs");
    sql("medusa", "insert into product values ('of today')");
    expect(await move(dump)).toEqual(["it is here already"]);
    const other = dumpOf("others", MEDUSA);
    await expect(move(other)).rejects.toMatchObject({ code: "data.taken", exitCode: 78 });
    expect(sql("medusa", "select count(*) from product")).toBe("2");
  });

  test("a dump that breaks off leaves nothing behind, and the whole one can follow", async () => {
    const whole = dumpOf(
      "theirs",
      `${MEDUSA} insert into product select md5(i::text) from generate_series(1, 50000) i`,
    );
    const cut = join(root, "cut.dump");
    const bytes = readFileSync(whole);
    writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
    await expect(move(cut)).rejects.toMatchObject({
      code: "data.dump",
      exitCode: 64,
      why: expect.stringMatching(/nothing of it was kept/),
    });
    expect(tables()).toBe("0");
    expect(await move(whole)).toHaveLength(1);
    expect(sql("medusa", "select count(*) from product")).toBe("50001");
  });

  test("what is no shop is refused before anything is touched", async () => {
    const dump = dumpOf("books", "create table store (id text); create table books (id text)");
    await expect(move(dump)).rejects.toMatchObject({
      code: "data.dump",
      why: expect.stringMatching(/product, api_key, sales_channel/),
    });
    expect(tables()).toBe("0");
    const text = join(root, "text.sql");
    writeFileSync(text, "create table product (id text);");
    await expect(checkDump(text)).rejects.toMatchObject({ code: "data.dump", exitCode: 64 });
    await expect(checkDump(join(root, "nowhere"))).rejects.toMatchObject({ code: "data.dump", exitCode: 64 });
    await expect(checkDump(root)).rejects.toMatchObject({ code: "data.dump", exitCode: 64 });
  });

  test("whether it was moved in stands in the database, where the first boot writes it", async () => {
    sql("medusa", "create table greenleaf_migrations (hash text)");
    expect(await isMovedIn(world, credentials)).toBe(false);
    sql("medusa", "insert into greenleaf_migrations values ('moved-in')");
    expect(await isMovedIn(world, credentials)).toBe(true);
  });
});
