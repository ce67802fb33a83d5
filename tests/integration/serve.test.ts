import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, lstatSync, readlinkSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bootingStatus, finishedStatus, type Status } from "../../node-agent/src/core/node/status/status.ts";
import { type AgentProcess, freePort, runAgent, startAgent } from "../support/agent-process.ts";
import { ask, docker, newTestNode, type TestNode, within } from "../support/test-node.ts";

let node: TestNode;
let agents: AgentProcess[];
let port: number;

beforeEach(async () => {
  node = newTestNode();
  agents = [];
  port = await freePort();
});

afterEach(async () => {
  for (const { child } of agents) child.kill("SIGKILL");
  await Promise.all(agents.map(({ ended }) => ended));
  node.remove();
});

async function serve(): Promise<AgentProcess> {
  const agent = startAgent(["serve", "--root", node.root, "--port", String(port)]);
  agents.push(agent);
  const answering = async () => (await fetch(url("/livez")).catch(() => undefined))?.ok === true;
  await within(60_000, `the agent answers (${agent.stderr()})`, answering);
  return agent;
}

const url = (path: string) => `http://127.0.0.1:${port}${path}`;

function ready(services: string[], verdict: "ready" | "degraded" | "failed" = "ready"): Status {
  const booting = bootingStatus(undefined, { agent: "1", at: new Date() });
  const results = [{ phase: "stack", ms: 1200, operations: 3 }];
  return finishedStatus(booting, { verdict, results, services, release: "r1", at: new Date() });
}

const reason = async () => {
  const { status, body } = await node.healthz();
  return `${status} ${body.reason ?? body.status}`;
};
/** Sooner or later: how soon is for the bench, on a machine that has nothing else to do. */
const says = (text: string) => within(60_000, `"${text}"`, async () => (await reason()) === text);

describe("health", () => {
  test("it follows the containers of the stack", async () => {
    const backend = node.start("backend", { health: "test -e /tmp/ok", command: "touch /tmp/ok; sleep 3600" });
    node.start("caddy");
    node.writeStatus(ready(["backend", "caddy"]));
    await serve();
    await says("200 ok");

    docker("exec", backend, "/bin/busybox", "rm", "/tmp/ok");
    const unhealthy = () => docker("inspect", "-f", "{{.State.Health.Status}}", backend) === "unhealthy";
    await within(60_000, "the engine finds it unhealthy", unhealthy);
    await says("503 backend is unhealthy");

    docker("exec", backend, "/bin/touch", "/tmp/ok");
    await says("200 ok");

    docker("rm", "-f", backend);
    await says("503 backend is missing");
    node.start("backend", { health: "true" });
    await says("200 ok");
  });

  test("a service that the release has and the engine has not is missing", async () => {
    node.start("caddy");
    node.writeStatus(ready(["backend", "caddy", "storefront"]));
    await serve();
    await says("503 backend is missing; storefront is missing");
  });

  test("a container that stops or starts again is told apart from one that is gone", async () => {
    const caddy = node.start("caddy");
    node.writeStatus(ready(["caddy"]));
    await serve();
    await says("200 ok");
    docker("stop", caddy);
    await says("503 caddy is stopped");
    docker("start", caddy);
    await says("200 ok");
  });

  test("without a boot a stack is held to every service ever seen, and needs its front", async () => {
    const backend = node.start("backend");
    await serve();
    await says("503 nothing is routed: the stack has no service caddy");
    node.start("caddy");
    await says("200 ok");
    docker("rm", "-f", backend);
    await says("503 backend is missing");
  });

  test("containers of another project are none of its business", async () => {
    const other = newTestNode();
    try {
      other.start("caddy");
      await serve();
      await says("503 no stack is running");
    } finally {
      other.remove();
    }
  });
});

describe("what Caddy sees", () => {
  test("a socket that any user may ask, for /healthz only, in a folder that can be mounted", async () => {
    await serve();
    const folder = join(node.root, "run/greenleaf/agent");
    expect(readlinkSync(join(node.root, "run/greenleaf/health.sock"))).toBe("agent/health.sock");
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(folder, "health.sock")).mode & 0o777).toBe(0o666);
    const socket = join(folder, "health.sock");
    for (const path of ["/status", "/metrics", "/livez", "/"]) expect((await ask(socket, path)).status).toBe(404);
    chmodSync(node.root, 0o755);
    const program = `require("http").get({ socketPath: process.argv[1], path: "/healthz" }, (a) => console.log(a.statusCode))`;
    // The checkout may lie below a home that nobody else may enter; and so may its Node.
    const everybodysNode = join(node.root, "node-for-all");
    copyFileSync(process.execPath, everybodysNode);
    chmodSync(everybodysNode, 0o755);
    const asked = execFileSync(everybodysNode, ["-e", program, socket], {
      uid: 10_001,
      gid: 10_001,
      encoding: "utf8",
    });
    expect(asked.trim()).toBe("503");
  });

  test("an agent that was killed is followed by another on the same socket; two at once are refused", async () => {
    const first = await serve();
    const second = await runAgent("serve", "--root", node.root, "--port", "0");
    expect(second).toMatchObject({ code: 75, stdout: "" });
    expect(second.stderr).toContain(
      "error: another daemon runs here\nwhy:   /run/greenleaf/agent.sock is answered already\n",
    );
    first.child.kill("SIGKILL");
    await first.ended;
    await serve();
    expect((await node.healthz()).status).toBe(503);
  });
});

describe("what people and programs of the machine see", () => {
  test("the numbers are Prometheus text", async () => {
    node.start("caddy");
    node.writeStatus(ready(["caddy"]));
    await serve();
    await says("200 ok");
    const answer = await fetch(url("/metrics"));
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await answer.text()).trimEnd().split("\n");
    const form = /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$/;
    expect(lines.filter((line) => !form.test(line))).toEqual([]);
    expect(lines).toContain("greenleaf_healthy 1");
    expect(lines).toContain('greenleaf_verdict{verdict="ready"} 1');
    expect(lines).toContain(`greenleaf_container_healthy{service="caddy",container="${node.project}-caddy-1"} 1`);
    expect(lines).toContain('greenleaf_phase_seconds{phase="stack"} 1.2');
  });

  test("the page shows the verdict, the phases and the containers", async () => {
    node.start("caddy");
    node.writeStatus(ready(["caddy", "backend"]));
    await serve();
    await says("503 backend is missing");
    const page = await (await fetch(url("/"))).text();
    for (const text of ["unhealthy</p>", "backend is missing", `${node.project}-caddy-1`, "1.20 s", "r1"])
      expect(page).toContain(text);
    expect(page).not.toMatch(/<script|https?:\/\//);
  });

  test("only reading is offered, and only to loopback by its own name", async () => {
    await serve();
    expect((await fetch(url("/healthz"), { method: "POST" })).status).toBe(405);
    expect((await fetch(url("/drain"))).status).toBe(404);
    expect((await fetch(url("/__proto__"))).status).toBe(404);
    const forged = execFileSync("curl", [
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      "Host: evil.example",
      url("/status"),
    ]);
    expect(forged.toString()).toBe("421");
  });

  test("SIGTERM ends it, and well", async () => {
    const agent = await serve();
    agent.child.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(agent.stderr()).toBe(`serve     http://127.0.0.1:${port}\n`);
  });

  test("a taken port is a matter of configuration, in three lines", async () => {
    const other = createServer().listen(port, "127.0.0.1");
    try {
      const { code, stderr } = await runAgent("serve", "--root", node.root, "--port", String(port));
      expect(code).toBe(78);
      expect(stderr.split("\n").slice(1)).toEqual([
        `error: the daemon cannot listen on port ${port}`,
        "why:   another program uses it",
        "fix:   stop that program, or choose another port: greenleaf-agent serve --port PORT (0 for none)",
        "",
      ]);
    } finally {
      other.close();
    }
  });
});

describe("greenleaf-agent status", () => {
  test("the exit code mirrors the verdict, live where the agent runs", async () => {
    const status = () => runAgent("status", "--root", node.root);
    expect(await status()).toMatchObject({
      code: 69,
      stdout: expect.stringMatching(/^unknown\nwhy {8}this node never booted/),
    });
    for (const [verdict, code] of [
      ["ready", 0],
      ["degraded", 2],
      ["failed", 69],
    ] as const) {
      node.writeStatus(ready(["caddy"], verdict));
      expect(await status()).toMatchObject({ code, stderr: "" });
    }
    node.writeStatus(ready(["caddy"]));
    const agent = await serve();
    await says("503 caddy is missing");
    expect(await status()).toMatchObject({
      code: 69,
      stdout: expect.stringMatching(/^unhealthy {2}release r1\nhealth {5}caddy is missing\n/),
    });
    node.start("caddy");
    await says("200 ok");
    const json = await runAgent("status", "--json", "--root", node.root);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: "ready", exitCode: 0, live: { pid: agent.child.pid } });
  });

  test("a boot under way is worth another try", async () => {
    node.writeStatus(bootingStatus(undefined, { agent: "1", at: new Date() }));
    expect(await runAgent("status", "--root", node.root)).toMatchObject({ code: 75 });
  });
});
