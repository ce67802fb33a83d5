import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgres } from "../../node-agent/src/adapters/machine/database.ts";
import { Secret } from "../../node-agent/src/base/secret.ts";
import type { DatabaseAddress } from "../../node-agent/src/core/config/database-address.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { reaper } from "../support/reaper.ts";

const IMAGE = "greenleaf/postgres:local";
const PASSWORD = "canary'\"\\ $#&";
const hasImage = execFileSync("docker", ["images", "-q", IMAGE], { encoding: "utf8" }).trim() !== "";
if (!hasImage) process.stderr.write(`skipped: ${IMAGE} is missing; ./greenleaf images builds it\n`);

describe.runIf(hasImage)("the agent asks a real PostgreSQL", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-database-"));
  const label = { "greenleaf.test": `database-${process.pid}` };
  const reap = reaper(`greenleaf.test=${label["greenleaf.test"]}`);
  let container: StartedTestContainer;
  let address: DatabaseAddress;

  beforeAll(async () => {
    const ca = await ensureCertificates(join(folder, "tls"), ["postgres"]);
    container = await new GenericContainer(IMAGE)
      .withLabels(label)
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
      .withBindMounts([{ source: join(folder, "tls/postgres"), target: "/etc/greenleaf/tls", mode: "ro" }])
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forHealthCheck())
      .start();
    const [host, port] = ["127.0.0.1", container.getMappedPort(5432)];
    const password = new Secret(PASSWORD);
    address = { host, port, user: "medusa", password, database: "medusa", serverName: "postgres", ca };
  });
  afterAll(async () => {
    await reap.finish();
    rmSync(folder, { recursive: true });
  });

  const ask = (more: Partial<DatabaseAddress> = {}, { hash = "abc", amazon = "" } = {}) =>
    postgres(async () => (amazon === "" ? undefined : amazon)).records(hash, { ...address, ...more }, 5_000);

  test("no table, no such hash, and the hash that is there", async () => {
    expect(await ask()).toEqual({ done: true, value: false });
    const { host, port, user, database, ca } = address;
    const client = new Client({
      host,
      port,
      user,
      database,
      password: PASSWORD,
      ssl: { ca, servername: "postgres" },
    });
    await client.connect();
    await client.query("create table greenleaf_migrations (hash text primary key, applied_at timestamptz)");
    await client.query("insert into greenleaf_migrations values ('abc', now())");
    await client.end();
    expect(await ask()).toEqual({ done: true, value: true });
    expect(await ask({}, { hash: "other" })).toEqual({ done: true, value: false });
    expect(await ask({ database: "none" })).toEqual({ done: true, value: false });
  });

  test("a wrong password, an unknown authority and another server's name are refused, not retried", async () => {
    const stranger = await ensureCertificates(join(folder, "stranger"), []);
    const wrong = [{ password: new Secret("x") }, { ca: stranger }, { serverName: "impostor" }];
    for (const more of wrong) await expect(ask(more)).rejects.toMatchObject({ exitCode: 78 });
  });

  test("without an authority of its own it must be one that Amazon's vouch for, or it is not asked anything", async () => {
    const stranger = await ensureCertificates(join(folder, "amazon"), []);
    expect(await ask({ ca: "" }, { amazon: `${stranger}${address.ca}` })).toEqual({ done: true, value: true });
    for (const amazon of ["", stranger])
      expect(await ask({ ca: "" }, { amazon })).toEqual({ done: true, value: "unverified" });
  });

  test("an address nobody answers on may answer later", async () => {
    expect(await ask({ port: 1 })).toMatchObject({ done: false });
  });
});
