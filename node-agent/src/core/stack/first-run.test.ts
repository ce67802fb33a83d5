import { expect, test } from "vitest";
import { stackFrom } from "../../../../tests/support/stack-from.ts";
import { databaseAddress } from "../config/database-address.ts";
import { jobStack, readFirstRun, readJobLine } from "./first-run.ts";

test("the job's one line is read", () => {
  expect(readFirstRun('\n{"migrated":true,"publishable_key":"pk_1"}\n')).toEqual({
    migrated: true,
    publishableKey: "pk_1",
  });
});

test.each([
  "",
  "{}",
  '{"migrated":true,"publishable_key":""}',
  'log\n{"migrated":true,"publishable_key":"x"}',
  "not json",
])("%j on stdout is a fault of the image", (stdout) =>
  expect(() => readFirstRun(stdout)).toThrow("the job did not say what it did"),
);

test("the job is the backend without what only a server has", () => {
  const backend = {
    image: "x",
    ports: [{ target: 80, published: "80", protocol: "tcp" }],
    restart: "always",
    read_only: true,
    depends_on: { db: { condition: "service_started", required: true } },
  };
  const apart = { services: { backend: { env_file: "a.env" } } };
  const stack = stackFrom({ services: { backend, db: { image: "x" } }, "x-greenleaf": apart });
  const [job] = jobStack(stack, stack.services[0]!).services;
  expect(job).toMatchObject({ name: "first-run", ports: [], dependsOn: [], config: { Cmd: ["first-run"] } });
  expect(job?.host).toMatchObject({ ReadonlyRootfs: true, RestartPolicy: { Name: "no" } });
  expect(job?.envFiles.map(({ path, required }) => [path.split("/").at(-1), required])).toEqual([
    ["a.env", true],
    ["first-run.env", false],
  ]);
});

test("the database is asked where the backend's own environment says, or where the agent reaches it", () => {
  const environment = new Map([
    ["DATABASE_URL", "postgres://user:p%40ss@db.example:5433/shop"],
    ["DATABASE_CA_CERT", "PEM"],
  ]);
  expect(databaseAddress(environment, undefined)).toMatchObject({
    host: "db.example",
    port: 5433,
    user: "user",
    database: "shop",
    ca: "PEM",
  });
  const local = databaseAddress(environment, "127.0.0.1:15432");
  expect(local).toMatchObject({ host: "127.0.0.1", port: 15_432, serverName: "db.example" });
  expect(local.password.reveal()).toBe("p@ss");
  expect(() => databaseAddress(new Map([["DATABASE_URL", "mysql://u:hunter2@x/y"]]), undefined)).toThrow(
    /^(?!.*hunter2)/,
  );
});

test.each([
  ['{"level":"info","message":"Running a script"}', { text: "Running a script", isRoutine: true }],
  ['{"level":"error","message":"no such table"}', { text: "error: no such table", isRoutine: false }],
  ["first-run: done", { text: "first-run: done", isRoutine: false }],
  ['{"message":"cut of', { text: '{"message":"cut of', isRoutine: false }],
  ["{}", { text: "{}", isRoutine: false }],
])("the job's line %j is told as %j", (line, told) => expect(readJobLine(line)).toEqual(told));
