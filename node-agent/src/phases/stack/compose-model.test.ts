import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasCompose, noCompose } from "../../../../tests/support/has-compose.ts";
import { composePlugin } from "../../adapters/machine/compose-plugin.ts";
import type { Question } from "../../core/stack/compose/plugin/question.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import { realWorld, type World } from "../../world.ts";
import { loadStack } from "./compose-model.ts";

const KEPT = "/state/compose-model.json";

let root: string;
let asked: Question[];
let said: string[];
let remarks: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "greenleaf-compose-"));
  [asked, said, remarks] = [[], [], []];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** A world whose Compose is the real one, with all that went in and came out. */
function worldWith(plugin = composePlugin()): World {
  const ask: typeof plugin.ask = async (program, question) => {
    asked.push(question);
    const reading = await plugin.ask(program, question);
    said.push(JSON.stringify(reading));
    return reading;
  };
  return { ...realWorld({ root }), compose: { find: () => plugin.find(), ask } };
}

interface Options {
  readonly variables?: Readonly<Record<string, string>>;
  readonly world?: World;
  readonly isWritten?: boolean;
}

function load(text: string, { variables = {}, world = worldWith(), isWritten = true }: Options = {}): Promise<Stack> {
  const file = { text, path: join(root, "docker-compose.yml"), project: "gl", variables: (n: string) => variables[n] };
  const reader = {
    kept: { path: KEPT, isWritten },
    redact: (line: string) => line,
    remark: (line: string) => void remarks.push(line),
  };
  return loadStack(world, file, reader);
}

const problemsOf = async (text: string, options?: Options): Promise<string> => {
  const error: unknown = await load(text, options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode: 78 });
  const { message, why, fix, problems } = error as Error & { why: string; fix: string; problems: readonly string[] };
  return [message, why, fix, ...problems].join("\n");
};

const WEB = "services: { web: { image: x } }";
const one = (service: string): string => `services: { web: { image: x, ${service} } }`;

describe.runIf(hasCompose)(`a Compose file is read by Compose${noCompose}`, () => {
  test("its answer is kept, private, and the same question is not asked again", async () => {
    const first = await load(WEB);
    expect(asked).toHaveLength(1);
    expect(statSync(join(root, KEPT)).mode & 0o777).toBe(0o600);
    expect(await load(WEB)).toEqual(first);
    expect(asked).toHaveLength(1);
  });

  test("another file, another variable that it names, and another plugin are other questions", async () => {
    const text = one("hostname: '${NAME:-web}'");
    await load(text);
    await load(`${text}\n`);
    expect(asked).toHaveLength(2);
    await load(`${text}\n`, { variables: { NAME: "web2" } });
    expect(asked).toHaveLength(3);
    await load(`${text}\n`, { variables: { NAME: "web2", OTHER: "1" } });
    expect(asked).toHaveLength(3);
    const plugin = composePlugin();
    const find = async () => ({ program: (await plugin.find())?.program ?? "", identity: "another" });
    await load(`${text}\n`, { variables: { NAME: "web2" }, world: worldWith({ ...plugin, find }) });
    expect(asked).toHaveLength(4);
  });

  test("an answer that was cut short or changed is asked for again", async () => {
    const stack = await load(WEB);
    const whole = readFileSync(join(root, KEPT), "utf8");
    for (const text of [whole.slice(0, 100), "", "null", "[]", '{"version":1}', whole.replace("image", "imagf")]) {
      writeFileSync(join(root, KEPT), text);
      expect(await load(WEB)).toEqual(stack);
      expect(readFileSync(join(root, KEPT), "utf8")).toBe(whole);
    }
    expect(asked).toHaveLength(7);
  });

  test("a plan keeps nothing, and a file that is refused leaves the answer of the last one", async () => {
    await load(WEB, { isWritten: false });
    expect(spawnSync("ls", [join(root, "state")]).status).not.toBe(0);
    await load(WEB);
    const kept = readFileSync(join(root, KEPT), "utf8");
    await problemsOf(one("privileged: true"));
    await problemsOf(one("cap_add: [NET_ADMN]"));
    expect(readFileSync(join(root, KEPT), "utf8")).toBe(kept);
  });

  test("an answer outlives the plugin; without one the way to get it is told", async () => {
    const stack = await load(WEB);
    const world = worldWith(composePlugin([join(root, "nowhere")]));
    expect(await load(WEB, { world })).toEqual(stack);
    expect(await problemsOf(`${WEB} `, { world })).toContain("greenleaf-agent install --only compose");
  });

  test("no value of an env file reaches the question, the answer, its refusals or what is kept", async () => {
    const canary = "canary-5Zt9Qk";
    writeFileSync(join(root, "a.env"), `TOKEN=${canary}\n`);
    writeFileSync(join(root, "b.env"), `BAD KEY=${canary}\nOPEN="${canary}`);
    writeFileSync(join(root, ".env"), `FROM_DOTENV=${canary}\n`);
    const anchors = "x-common: &common { image: x, env_file: [a.env, { path: b.env, required: false }] }";
    const service = (more: string) =>
      `${anchors}\nservices:\n  web: { <<: *common, ${more} }\n  one: { image: x, env_file: b.env }\n`;
    const stack = await load(service("environment: [FROM_DOTENV, HOME]"));
    expect(stack.services.map(({ envFiles }) => envFiles.map(({ path }) => path))).toEqual([
      [join(root, "b.env")],
      [join(root, "a.env"), join(root, "b.env")],
    ]);
    await problemsOf(service("cap_add: [NET_ADMN]"));
    await problemsOf(service('ports: ["80:x"]'));
    await problemsOf(service("image: [x]"));
    const everything = [
      ...asked.map((question) => JSON.stringify(question)),
      ...said,
      readFileSync(join(root, KEPT), "utf8"),
    ];
    expect(asked.length).toBeGreaterThan(3);
    expect(everything.join("\n")).not.toContain(canary);
  });

  test("nothing of the caller's environment is in the model", async () => {
    const caller = { HOME: "/c", COMPOSE_PROJECT_NAME: "stranger", COMPOSE_PROFILES: "debug", OF_CALLER: "s" };
    for (const [name, value] of Object.entries(caller)) vi.stubEnv(name, value);
    const text = `services:
  web: { image: x, environment: [HOME, OF_CALLER] }
  debug: { image: x, profiles: [debug] }`;
    const stack = await load(text);
    expect(stack.project).toBe("gl");
    expect(stack.services.map(({ name }) => name)).toEqual(["web"]);
    expect([...(stack.services[0]?.environment ?? [])]).toEqual([
      ["HOME", null],
      ["OF_CALLER", null],
    ]);
  });

  test("a dollar sign that was doubled in the file is one in the stack, and variables of the stack are filled in", async () => {
    const text = one("command: [echo, '$$HOME $$$$', '${NAME}'], environment: { A: 'a$$b' }, env_file: '${NAME}.env'");
    const stack = await load(text, { variables: { NAME: "n$1" } });
    expect(stack.services[0]?.config["Cmd"]).toEqual(["echo", "$HOME $$", "n$1"]);
    expect(stack.services[0]?.environment.get("A")).toBe("a$b");
    expect(stack.services[0]?.envFiles[0]?.path).toBe(join(root, "n$1.env"));
  });

  test("what Compose passes over in silence is told: blanks and profiles that are away", async () => {
    await load("services:\n  web:\n    image: x\n    hostname: a${NOWHERE}\n  debug: { image: x, profiles: [d] }\n");
    const expected = [
      "docker-compose.yml:5:3: services.debug: is left out: none of its profiles is active",
      "docker-compose.yml:4:5: services.web.hostname: NOWHERE is not set and has no default: it is empty here",
    ];
    expect(remarks).toEqual(expected);
    await load("services:\n  web:\n    image: x\n    hostname: a${NOWHERE}\n  debug: { image: x, profiles: [d] }\n");
    expect(remarks).toEqual([...expected, ...expected]);
  });

  test("services of a profile come with its variable", async () => {
    const text = "services: { web: { image: x }, debug: { image: x, profiles: [debug] } }";
    expect((await load(text)).services.map(({ name }) => name)).toEqual(["web"]);
    const variables = { COMPOSE_PROFILES: "a,debug" };
    expect((await load(text, { variables })).services.map(({ name }) => name)).toEqual(["debug", "web"]);
  });

  test.each([
    [one("volumes: ['~/data:/data']"), "services.web.volumes.0: ~ stands for nobody's home"],
    [one("volumes: ['~:/x']"), "services.web.volumes.0: ~ stands for"],
    [one("volumes: ['${FOLDER}/x:/x']"), "services.web.volumes.0: ~ stands for"],
    [one("volumes: [{ type: bind, source: ~/x, target: /x }]"), "services.web.volumes.0: ~ stands for"],
    [one("env_file: ['~/a.env']"), "services.web.env_file.0: ~ stands for"],
    [one("command: '${WORDS}'"), "services.web.command: has an open quote or a shell operator"],
    [one("entrypoint: 'sh -c a && b'"), "services.web.entrypoint: has an open quote or a shell operator"],
    [one("environment: { DAY: 2026-05-01 }"), "services.web.environment.DAY: put this date in quotes"],
    [one("ports: ['localhost:80:80']"), "services.web.ports.0: Compose refuses it: Invalid ip address: localhost"],
    [
      one("ports: [{ target: 80, published: 80, host_ip: localhost }]"),
      'services.web.ports.0: "localhost" is not an IP',
    ],
    [
      one("ports: ['8000-8002:8000-8002', { target: 80, host_ip: db }]"),
      '1:61: services.web.ports.3: "db" is not an IP',
    ],
    [one("hostname: 'caf\ufffd'"), "1:44: bytes that are not UTF-8"],
    ["services:\n\u00a0 web: { image: x }", "2:1: a no-break space (U+00A0)"],
    ["services:\n  web:\n    image: x\n    init\u00a0: true", "services.web.init\u00a0: is not supported"],
    ["name: ${EMPTY}\nservices: { web: { image: x } }", "Compose refuses it: project name must not be empty"],
    ["name: My Shop\nservices: { web: { image: x } }", 'name: "My Shop" is not a project name'],
    [one("env_file: a.env, x-greenleaf: 1").replace("services", "x-greenleaf: {}\nservices"), "is the agent's own"],
    [one("image: y"), "Map keys must be unique"],
    [one("depends_on: [db]"), 'services.web.depends_on.0: no service "db" in this file'],
    ["include: [other.yml]\nservices: { web: { image: x } }", "include: is not supported: a stack is one file"],
    [one("extends: { file: other.yml, service: web }"), "services.web.extends: is not supported: use YAML anchors"],
  ])("%s is refused by place", async (text, problem) => {
    const variables = { FOLDER: "~", WORDS: "echo a | cat", EMPTY: "" };
    expect(await problemsOf(text, { variables })).toContain(problem);
  });

  test("a file with a byte order mark and Windows line ends is the same file", async () => {
    const text = "services:\n  web:\n    image: x\n    command: [a]\n";
    const [plain, windows] = [await load(text), await load(`\ufeff${text.replaceAll("\n", "\r\n")}`)];
    expect(windows).toEqual(plain);
  });

  test("names and texts of any script reach Compose and come back", async () => {
    const stack = await load(one("env_file: 'caf\u00e9 \u{1f33f}.env', command: \"echo '\u00e9\u{1f33f}\\u0085'\""));
    expect(stack.services[0]?.envFiles[0]?.path).toBe(join(root, "caf\u00e9 \u{1f33f}.env"));
    expect(stack.services[0]?.config["Cmd"]).toEqual(["echo", "\u00e9\u{1f33f}\u0085"]);
  });

  test.each(["\u0085", "\u2028", "\u2029", "\r"])(
    "nothing hides behind line end %j, which Compose alone sees",
    async (end) => {
      writeFileSync(join(root, "hidden.yml"), "services: { hidden: { image: x } }\n");
      for (const hidden of ["include: [hidden.yml]", "volumes: {}"])
        expect(await problemsOf(`services:\n  web: { image: x }\n# a${end}${hidden}\n`)).toContain("3:4: U+");
      expect(await problemsOf(`services:\n  web: { image: x }\n  # a${end}  two: { image: x }\n`)).toContain("3:6: U+");
      expect(asked).toEqual([]);
    },
  );

  test("a member that is none to JavaScript is refused", async () => {
    const canary = "canary-7Wn2Lx";
    writeFileSync(join(root, "a.env"), `TOKEN=${canary}\n`);
    for (const text of [
      "services: { web: { image: x }, __proto__: { image: x, env_file: a.env } }",
      one("environment: { __proto__: a }"),
    ])
      expect(await problemsOf(text)).toContain("__proto__ is no name");
    expect(said.join("\n")).not.toContain(canary);
  });

  test("what stands in Compose's model and not in the file is refused, by name", async () => {
    const plugin = composePlugin();
    const answering = (model: object) =>
      worldWith({ ...plugin, ask: async () => ({ answer: JSON.stringify({ name: "gl", ...model }) }) });
    const web = { image: "x", environment: { A: "1", B: null } };
    const text = one("environment: ['${NAME}=1', B]");
    const variables = { NAME: "A" };
    await load(text, { variables, world: answering({ services: { web } }) });
    const more = answering({ services: { web, evil: { image: "x" }, constructor: { image: "x" } } });
    const told = await problemsOf(`${text} `, { variables, world: more });
    expect(told).toContain("services.evil: Compose finds this and the agent does not");
    expect(told).toContain("services.constructor: Compose finds this");
    const leaked = answering({ services: { web: { ...web, environment: { ...web.environment, TOKEN: "t" } } } });
    expect(await problemsOf(`${text}  `, { variables, world: leaked })).toContain("services.web.environment.TOKEN");
  });

  test("aliases that multiply are refused before it is asked", async () => {
    const level = (index: number) =>
      `x-${index}: &x${index} [${Array.from({ length: 9 }, () => (index === 0 ? "x" : `*x${index - 1}`)).join(", ")}]`;
    const bomb = Array.from({ length: 10 }, (_, index) => level(index)).join("\n");
    expect(await problemsOf(`${bomb}\n${WEB}`)).toContain("aliases nest too deep or make over");
    expect(asked).toEqual([]);
  });

  test("what is no model is told as that", async () => {
    const plugin = composePlugin();
    const world = worldWith({ ...plugin, ask: async () => ({ answer: "nothing" }) });
    expect(await problemsOf(WEB, { world })).toContain("Compose gave no model");
  });
});
