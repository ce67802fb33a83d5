import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ASK = `
import { accountFromEnvironment } from ${JSON.stringify(join(import.meta.dirname, "aws.ts"))};
import { describeError, exitCodeOf } from ${JSON.stringify(join(import.meta.dirname, "../../node-agent/src/base/errors.ts"))};
try {
  const { region, endpoint, credentials } = await accountFromEnvironment();
  const { accessKeyId, sessionToken } = await credentials();
  console.log(JSON.stringify({ region, endpoint, accessKeyId, sessionToken }));
} catch (error) {
  console.log(describeError(error));
  process.exitCode = exitCodeOf(error);
}
`;

const CONFIG = (folder: string) => `
[profile shop]
region = eu-west-1
aws_access_key_id = AKIASHOP
aws_secret_access_key = s

[profile program]
credential_process = cat ${folder}/answer.json

[profile broken]
credential_process = false
`;

let folder: string;
const server = createServer((_, response) =>
  response.end(
    JSON.stringify({
      AccessKeyId: "AKIACONTAINER",
      SecretAccessKey: "s",
      Token: "t",
      Expiration: "2100-01-01T00:00:00Z",
    }),
  ),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenleaf-credentials-"));
  await writeFile(join(folder, "config"), CONFIG(folder));
  await writeFile(
    join(folder, "credentials"),
    "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n",
  );
  await writeFile(
    join(folder, "answer.json"),
    JSON.stringify({ Version: 1, AccessKeyId: "AKIAPROGRAM", SecretAccessKey: "s", SessionToken: "t" }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** As a person's shell has it, with nothing of this machine's. */
const ask = (env: Readonly<Record<string, string>>, home = folder) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const given = {
      PATH: process.env.PATH,
      HOME: home,
      AWS_CONFIG_FILE: join(home, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
      AWS_EC2_METADATA_DISABLED: "true",
      ...env,
    };
    const options = { env: given, encoding: "utf8" } as const;
    execFile(process.execPath, ["--input-type=module", "--eval", ASK], options, (error, stdout) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout.trim() }),
    );
  });

test("credentials and region are those every AWS tool would take", async () => {
  const container = `http://127.0.0.1:${(server.address() as AddressInfo).port}/role`;
  const keys = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" };
  const asked = [
    [
      { ...keys, AWS_REGION: "eu-central-1" },
      { region: "eu-central-1", accessKeyId: "AKIAENV", sessionToken: "t" },
    ],
    [{ AWS_DEFAULT_REGION: "eu-north-1" }, { region: "eu-north-1", accessKeyId: "AKIADEFAULT" }],
    [{ AWS_PROFILE: "shop" }, { region: "eu-west-1", accessKeyId: "AKIASHOP" }],
    [
      { AWS_PROFILE: "shop", AWS_REGION: "eu-west-2" },
      { region: "eu-west-2", accessKeyId: "AKIASHOP" },
    ],
    [{ AWS_PROFILE: "program" }, { region: "eu-west-3", accessKeyId: "AKIAPROGRAM", sessionToken: "t" }],
    [
      { ...keys, AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
      { endpoint: "http://127.0.0.1:1", accessKeyId: "AKIAENV" },
    ],
  ] as const;
  for (const [env, expected] of asked) {
    const { code, said } = await ask(env);
    expect(code, said).toBe(0);
    expect(JSON.parse(said)).toMatchObject(expected);
  }
  const { said } = await ask({ AWS_CONTAINER_CREDENTIALS_FULL_URI: container }, join(folder, "nobody"));
  expect(JSON.parse(said)).toMatchObject({ region: "eu-west-3", accessKeyId: "AKIACONTAINER" });
});

test.each([
  ["no file and no variable", {}, "aws sso login"],
  ["a profile that is not there", { AWS_PROFILE: "gone" }, "log in to profile gone"],
  ["a program that fails", { AWS_PROFILE: "broken" }, "log in to profile broken"],
])("%s is told with what to do, as a wrong configuration", async (_, env, fix) => {
  const { code, said } = await ask(env, Object.keys(env).length === 0 ? join(folder, "nobody") : folder);
  expect(code).toBe(78);
  expect(said).toMatch(/^error: no AWS credentials\nwhy: {3}\S/);
  expect(said).toContain(fix);
});
