import { expect, test } from "vitest";
import { databaseAddress } from "./database-address.ts";

const of = (url: string | null, reachedAt?: string) => databaseAddress(new Map([["DATABASE_URL", url]]), reachedAt);

test("the agent asks the database that the backend will use, from where it stands itself", () => {
  const { password, ...address } = of("postgres://me%40x:p%27w@db.example/medusa%20two", "127.0.0.1:6000");
  const rest = { user: "me@x", database: "medusa two", serverName: "db.example", ca: "" };
  expect(address).toEqual({ host: "127.0.0.1", port: 6000, ...rest });
  expect(password.reveal()).toBe("p'w");
  expect(of("postgres://a:b@db.example/x")).toMatchObject({ host: "db.example", port: 5432 });
});

test.each([
  null,
  "hunter2",
  "mysql://a:hunter2@db/x",
  "postgres://a:hunter2@db:99999/x",
  "postgres://a%:hunter2@db/x",
  "postgres://a:hunter2%zz@db/x",
  "postgres://a:hunter2@db/x%ff",
])("%s is no such address: 78, without a word of it", (url) => {
  expect(() => of(url)).toThrow(expect.objectContaining({ code: "database.url", exitCode: 78 }));
  try {
    of(url);
  } catch (error) {
    expect(JSON.stringify([error, String(error)])).not.toContain("hunter2");
  }
});
