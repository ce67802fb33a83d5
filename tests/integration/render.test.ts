import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GenericContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../node-agent/src/base/secret.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import {
  type Fault,
  type FaultProxy,
  LASTING_FAULTS,
  PASSING_FAULTS,
  startFaultProxy,
} from "../support/aws-fault-proxy.ts";
import { ENCODING_COUNT, leaksIn, newCanaries } from "../support/canaries.ts";
import { CANARIES, type ConfigNode, fill, manyTemplates, newConfigNode } from "../support/config-node.ts";
import { composeVersion, readWithCompose } from "../support/dotenv-readers.ts";
import { type FakeAws, startFakeAws } from "../support/fake-aws.ts";
import { startFakeImds } from "../support/fake-imds.ts";
import { reaper } from "../support/reaper.ts";
import { secretValues } from "../support/secret-values.ts";
import { mayTrace } from "../support/strace.ts";

const MAIN = join(import.meta.dirname, "..", "..", "node-agent", "src", "main.ts");
const canTrace = mayTrace();

const templates = mkdtempSync(join(tmpdir(), "greenleaf-templates-"));
for (const [name, text] of manyTemplates()) writeFileSync(join(templates, name), text);
afterAll(() => rmSync(templates, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Arguments and environment of every program that was started, where they can be traced. */
  readonly started: string;
}

/** Runs the agent as a process of its own. */
async function agent(node: ConfigNode, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const log = join(templates, "trace");
  const own = [process.execPath, MAIN, "render", "--root", node.root, ...args];
  const tracing = ["strace", "-f", "-v", "-s", "100000", "-e", "trace=execve", "-o", log];
  const [program = "", ...rest] = canTrace ? [...tracing, ...own] : own;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr, started: canTrace ? readFileSync(log, "latin1") : "" };
}

/** Everything a run left below the root, but the .env files that are meant to hold secrets. */
function leftBehind(root: string): string {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(root, name)).isFile() && !name.endsWith(".env"))
    .map((name) => `${name}\n${readFileSync(join(root, name), "latin1")}`)
    .join("\n");
}

describe("render, as a process", () => {
  const canaries = newCanaries(CANARIES, 11);
  let aws: FakeAws;
  let proxy: FaultProxy;
  let node: ConfigNode;
  let told = "";

  beforeAll(async () => {
    aws = await startFakeAws();
    fill(aws, canaries);
    proxy = await startFaultProxy(aws.url);
    node = await newConfigNode(proxy.url);
  });
  afterAll(() => Promise.all([aws.close(), proxy.close(), node.remove()]));

  const render = async (args: readonly string[] = [], fault?: Fault): Promise<Ended> => {
    proxy.choose = () => fault;
    const ended = await agent(node, ["--templates", templates, "--within", "1", ...args]);
    told += [ended.stdout, ended.stderr, ended.started, leftBehind(node.root)].join("\n");
    return ended;
  };

  test("a plan names what would be written, and writes nothing", async () => {
    const { code, stdout } = await render(["--plan"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        "write /run/greenleaf/backend.env  (new, 37 keys)\nwrite /run/greenleaf/storefront.env  (new, 200 keys)\n",
    });
    expect(await node.names()).toEqual([]);
  });

  test("the files are written for their owner alone, and a second run has nothing to do", async () => {
    expect((await render()).code).toBe(0);
    expect(await node.names()).toEqual(["backend.env", "boot.lock", "rendered.json", "storefront.env"]);
    expect(statSync(join(node.root, "run/greenleaf/backend.env")).mode & 0o777).toBe(0o600);
    expect(await render(["--log", "json"])).toMatchObject({ code: 0, stdout: "" });
  });

  test("a change is told by its keys", async () => {
    const before = aws.parameters.get("/greenleaf/test/p07")!;
    aws.parameters.set("/greenleaf/test/p07", { value: newCanaries(1, 99)[0]!.value, type: "SecureString" });
    const stdout = "write /run/greenleaf/backend.env  (changed P07)\n";
    expect(await render(["--plan"])).toMatchObject({ code: 0, stdout });
    aws.parameters.set("/greenleaf/test/p07", before);
    expect((await render()).stdout).toBe("");
  });

  test("a file that others could read is told and fixed", async () => {
    chmodSync(join(node.root, "run/greenleaf/backend.env"), 0o644);
    const stdout = "write /run/greenleaf/backend.env  (others could read it)\n";
    expect(await render()).toMatchObject({ code: 0, stdout });
    expect(statSync(join(node.root, "run/greenleaf/backend.env")).mode & 0o777).toBe(0o600);
  });

  test("names are told without asking AWS", async () => {
    proxy.reset();
    const { stdout } = await render(["--names"]);
    expect(stdout.split("\n")).toHaveLength(CANARIES + 1);
    expect(stdout.split("\n")[0]).toBe("backend.env  P00  ssm p00");
    expect(proxy.seen).toEqual([]);
  });

  test.each([
    ["JSON cut short", PASSING_FAULTS["JSON cut short"]!],
    ["reset inside the body", PASSING_FAULTS["reset inside the body"]!],
    ["an HTML page", PASSING_FAULTS["an HTML page"]!],
    ["one value left out", PASSING_FAULTS["one value left out"]!],
  ])("%s for ever, with the last good set there: degraded", async (_, fault) => {
    expect((await render([], fault)).code).toBe(2);
    expect((await render(["--log", "json"], fault)).code).toBe(2);
  });

  test.each([
    ["JSON cut short", 75, PASSING_FAULTS["JSON cut short"]!],
    ["closed inside the body", 75, PASSING_FAULTS["closed inside the body"]!],
    ["access denied", 77, LASTING_FAULTS["access denied"]!.fault],
    ["invalid", 78, LASTING_FAULTS.invalid!.fault],
  ])("%s for ever, without one: three lines and exit %i", async (_, exitCode, fault) => {
    const record = join(node.root, "run/greenleaf/rendered.json");
    const kept = readFileSync(record);
    rmSync(record);
    const { code, stderr } = await render([], fault);
    writeFileSync(record, kept, { mode: 0o600 });
    expect(code).toBe(exitCode);
    const lines = stderr.split("\n").filter((line) => /^(error|why|fix): /.test(line));
    expect(lines.map((line) => line.split(":")[0])).toEqual(["error", "why", "fix"]);
  });

  test("values that cannot be used are told by key", async () => {
    const bad = newCanaries(3, 77).map(({ core }) => core);
    const kept = new Map(aws.parameters);
    const keptSecret = aws.secrets.get("greenleaf/test/s00")!;
    aws.parameters.set("/greenleaf/test/p00", { value: `${bad[0]}\0`, type: "SecureString" });
    aws.secrets.set("greenleaf/test/s00", `{"m0": "${bad[1]}", "m0": "${bad[2]}"}`);
    const first = await render();
    aws.secrets.set("greenleaf/test/s00", `not JSON ${bad[1]}`);
    const second = await render();
    aws.secrets.set("greenleaf/test/s00", keptSecret);
    const third = await render();
    for (const [name, stored] of kept) aws.parameters.set(name, stored);
    expect([first.code, second.code, third.code]).toEqual([78, 78, 78]);
    expect(first.stderr).toContain(
      'greenleaf/test/s00#m0 (it has "m0" twice): needed by S00_0 at storefront.env.hbs:2:7',
    );
    expect(second.stderr).toContain(
      "greenleaf/test/s00#m7 (its text is not a JSON object): needed by S00_7 at storefront.env.hbs:9:7",
    );
    expect(third.stderr).toContain(
      "backend.env P00 (backend.env.hbs:2): it holds a NUL, which no environment can carry",
    );
    expect(leaksIn([first, second, third].map(({ stderr }) => stderr).join(), newCanaries(3, 77))).toEqual([]);
  });

  test(`none of ${CANARIES} canaries is in any output, log, plan, status file or argument, in ${ENCODING_COUNT} encodings`, () => {
    expect(told.length).toBeGreaterThan(10_000);
    expect(leaksIn(told, [...canaries, ...newCanaries(1, 99)])).toEqual([]);
    expect(
      leaksIn(readFileSync(join(node.root, "run/greenleaf/backend.env"), "utf8"), canaries).length,
    ).toBeGreaterThan(30);
  });
});

test("on an instance the role signs, in at most 12 questions to IMDS, and no proxy is asked", async () => {
  const canaries = newCanaries(CANARIES, 3);
  const [aws, imds] = await Promise.all([startFakeAws(), startFakeImds()]);
  fill(aws, canaries);
  let proxied = 0;
  const trap = createServer((_, response) => void response.writeHead(502).end(String((proxied += 1))));
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
  const proxies = Object.fromEntries(
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"].map((name) => [name, url]),
  );
  const node = await newConfigNode(aws.url, { imds: imds.url });
  const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", no_proxy: "", NO_PROXY: "" };
  const { code, stderr, stdout } = await agent(node, ["--templates", templates], {
    ...proxies,
    ...none,
    NODE_USE_ENV_PROXY: "1",
  });
  expect({ code, proxied }).toEqual({ code: 0, proxied: 0 });
  expect(imds.requests.length).toBeLessThanOrEqual(12);
  expect(aws.keys).toEqual(new Set(["ASIAFAKE"]));
  expect(stderr + stdout).not.toMatch(/fake-secret-key|fake-session-token|token-1/);
  trap.close();
  await Promise.all([aws.close(), imds.close(), node.remove()]);
});

const IMAGE = "greenleaf/aws:local";
const hasImage = spawnSync("docker", ["image", "inspect", IMAGE]).status === 0;
const compose = await composeVersion();

describe.skipIf(!hasImage)(
  `against moto${hasImage ? "" : ` (skipped: no image ${IMAGE}; ./greenleaf images makes it)`}`,
  () => {
    const label = `greenleaf-render-${process.pid}`;
    const values = [...secretValues(120, 4)]
      .map(({ value }) => value.replaceAll("{{", "{ {").replaceAll("\0", ""))
      .filter((value) => value !== "");

    test("what was put by the SDK is what a service gets, byte for byte", async () => {
      const sweeper = reaper(`greenleaf.test=${label}`);
      const container = await new GenericContainer(IMAGE)
        .withLabels({ "greenleaf.test": label })
        .withExposedPorts(4566)
        .withWaitStrategy(Wait.forHealthCheck())
        .start();
      const endpoint = `http://${container.getHost()}:${container.getMappedPort(4566)}`;
      const settings = { endpoint, region: "eu-west-3", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
      const [ssm, secrets] = [new SSMClient(settings), new SecretsManagerClient(settings)];
      for (const [index, Value] of values.slice(0, 60).entries()) {
        await ssm.send(new PutParameterCommand({ Name: `/greenleaf/test/p${index}`, Type: "SecureString", Value }));
      }
      for (const [index, value] of values.slice(60).entries()) {
        await secrets.send(
          new CreateSecretCommand({ Name: `greenleaf/test/s${index}`, SecretString: JSON.stringify({ v: value }) }),
        );
      }
      const lines = values.map(
        (_, index) => `K${index}=${index < 60 ? `{{ssm "p${index}"}}` : `{{secret "s${index - 60}#v"}}`}`,
      );
      const node = await newConfigNode(endpoint);
      const ran = await node.run({
        templates: new Map([["backend.env.hbs", ["# greenleaf: reader=compose", ...lines].join("\n")]]),
      });
      expect(ran.told).toContain("60 parameters, 60 secrets");
      const text = (await node.files())["backend.env"]!;
      if (compose !== undefined) {
        expect(await readWithCompose(text)).toEqual(
          Object.fromEntries(values.map((value, index) => [`K${index}`, value])),
        );
      }
      await expectPut(endpoint);
      await node.remove();
      await container.stop();
      await sweeper.finish();
      expect(
        execFileSync("docker", ["ps", "-aq", "--filter", `label=greenleaf.test=${label}`], { encoding: "utf8" }),
      ).toBe("");
    });

    async function expectPut(aws: string): Promise<void> {
      const { parameters } = realWorld({ root: "/nowhere" }).aws({
        region: "eu-west-3",
        endpoints: { aws, imds: "none" },
      });
      expect(await parameters.put("/greenleaf/test/made", "pk_1", 5_000)).toEqual({ done: true, value: undefined });
      await parameters.put("/greenleaf/test/made", "pk_2", 5_000);
      await parameters.put("/greenleaf/test/hidden", new Secret("s"), 5_000);
      const got = await parameters.get(
        ["/greenleaf/test/made", "/greenleaf/test/hidden", "/greenleaf/test/none"],
        5_000,
      );
      expect(got).toEqual({
        done: true,
        value: new Map<string, unknown>([
          ["/greenleaf/test/made", "pk_2"],
          ["/greenleaf/test/hidden", expect.any(Secret)],
        ]),
      });
    }
  },
);
