import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { openStandIn, type StandIn } from "../../tests/aws/stand-in.ts";
import { accountAt, documentWith, memoryPublisher } from "../../tests/support/release-aws.ts";
import { served } from "../../tests/support/served.ts";
import { SIGNING_KEY } from "../bootstrap/parameters.ts";
import { executePatch, type PatchDeeds } from "./execute.ts";
import { patchFacts } from "./facts.ts";
import { patchPlan } from "./plan.ts";

// A poll every ten seconds is for AWS; it is read when the module is loaded.
process.env.GREENLEAF_POLL_MS = "1";
const { patchDeeds } = await import("./deeds.ts");
const { runPatch } = await import("../patch.ts");

const key = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;
const releaseDocument = (id: string): string => {
  const { signature: _, ...contents } = JSON.parse(documentWith(id));
  return JSON.stringify(signRelease(contents, key));
};

const APP = "greenleaf-prod-app";
const [ZONE_A, ZONE_B] = ["greenleaf-prod-router-eu-west-3a", "greenleaf-prod-router-eu-west-3b"];
const GROUPS = [APP, ZONE_A, ZONE_B, "greenleaf-preprod-app", "somebody-elses"];

/** What lies behind the stand-in: groups, and images with the system they were baked on. */
async function behind(): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const action = new URLSearchParams(body).get("Action") ?? "";
      const groups = GROUPS.map((name) => `<AutoScalingGroupName>${name}</AutoScalingGroupName>`).join("");
      const image = "<tagSet><item><key>Os</key><value>debian-13</value></item></tagSet>";
      const answers: Record<string, string> = { DescribeAutoScalingGroups: groups, DescribeImages: image };
      response.end(`<${action}Response>${answers[action] ?? ""}</${action}Response>`);
    });
  });
  return served(server);
}

interface Scene {
  /** Images whose nodes never become healthy, by group: the first of them ends the refresh. */
  readonly bad?: Readonly<Record<string, string>>;
  /** How many nodes of a bad group have been replaced by then. */
  readonly replaced?: number;
  readonly parameters?: Readonly<Record<string, string | undefined>>;
  readonly deeds?: Partial<PatchDeeds>;
}

async function world({ bad = {}, replaced = 1, parameters = {}, deeds = {} }: Scene = {}) {
  const standIn = await openStandIn(await behind());
  onTestFinished(() => standIn.close());
  const publisher = memoryPublisher(accountAt(standIn.url), {});
  const given: Record<string, string | undefined> = {
    [SIGNING_KEY]: key,
    "/greenleaf/prod/release": releaseDocument("old"),
    "/greenleaf/prod/ami/app": "ami-app-old",
    "/greenleaf/prod/ami/router": "ami-router-old",
    ...parameters,
  };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) publisher.parameters.set(name, value);
  await publisher.keep("release/new.json", new TextEncoder().encode(releaseDocument("new")));
  publisher.done.length = 0;
  const done: string[] = publisher.done;
  standNodes(standIn);
  standIn.fleet.refresh = async (group) => {
    done.push(`refresh ${group}`);
    const role = group === APP ? "app" : "router";
    const image = publisher.parameters.get(`/greenleaf/prod/ami/${role}`) ?? "ami-stock";
    const members = [...standIn.fleet.instances].filter(([, node]) => node.group === group);
    const isBad = bad[group] === image;
    for (const [id, node] of members.slice(0, isBad ? replaced : members.length))
      standIn.fleet.instances.set(id, { ...node, image });
    if (isBad) throw new Error(`the node of ${image} is not healthy`);
  };
  const whole: PatchDeeds = {
    ...patchDeeds(publisher, { environment: "prod", broken: undefined, storefront: undefined }),
    publish: async () => (done.push("publish"), "new"),
    bake: async (role, system, release) => (done.push(`bake ${role} ${system} ${release}`), `ami-${role}-new`),
    say: (line) => void done.push(`say ${line}`),
    ...deeds,
  };
  const facts = await patchFacts(publisher, "prod");
  const run = () => executePatch(facts, patchPlan(facts), whole);
  const images = () => [...standIn.fleet.instances].map(([id, { image }]) => `${id} ${image}`);
  const release = () => (JSON.parse(publisher.parameters.get("/greenleaf/prod/release") ?? "{}") as { id?: string }).id;
  return { run, done, images, release, standIn, publisher, facts, whole };
}

function standNodes({ fleet }: StandIn): void {
  const node = (group: string, zone: string, role: string) => ({
    group,
    zone,
    role,
    state: "InService",
    environment: "prod",
    image: `ami-${role}-old`,
  });
  fleet.instances.set("i-app-a", node(APP, "eu-west-3a", "app"));
  fleet.instances.set("i-app-b", node(APP, "eu-west-3b", "app"));
  fleet.instances.set("i-router-a", node(ZONE_A, "eu-west-3a", "router"));
  fleet.instances.set("i-router-b", node(ZONE_B, "eu-west-3b", "router"));
}

/** What is written on stderr while `run` runs. */
async function told(run: () => Promise<unknown>): Promise<string> {
  const written: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  await run().finally(() => stderr.mockRestore());
  return written.join("");
}

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

test("a patch publishes, bakes and replaces app nodes, then one zone's router after the other's", async () => {
  const { run, done, images, release, facts } = await world();
  expect(facts.groups).toEqual([APP, ZONE_A, ZONE_B]);
  await run();
  expect(done.filter((line) => !/locks|previous/.test(line))).toEqual([
    "publish",
    "bake app debian-13 new",
    "bake router debian-13 new",
    "set /greenleaf/prod/ami/app",
    "set /greenleaf/prod/release",
    `refresh ${APP}`,
    "set /greenleaf/prod/ami/router",
    `refresh ${ZONE_A}`,
    "set /greenleaf/prod/ami/router",
    `refresh ${ZONE_B}`,
  ]);
  expect([release(), images()]).toEqual([
    "new",
    ["i-app-a ami-app-new", "i-app-b ami-app-new", "i-router-a ami-router-new", "i-router-b ami-router-new"],
  ]);
});

test("it holds the environment while it changes it, and lets it go", async () => {
  const { run, done, publisher } = await world();
  await run();
  const locks = done.filter((line) => line.includes("locks"));
  expect([locks, done.indexOf(locks[0] ?? "") > done.indexOf("bake router debian-13 new")]).toEqual([
    ["create /greenleaf-account/locks/prod", "remove /greenleaf-account/locks/prod"],
    true,
  ]);
  expect(publisher.parameters.has("/greenleaf-account/locks/prod")).toBe(false);
});

test("routers are replaced, not doubled: one interface is on one instance", async () => {
  const seen: Array<[group: string, least: string]> = [];
  const { run, standIn } = await world();
  standIn.fault = ({ action, form }) => {
    if (action === "StartInstanceRefresh")
      seen.push([form.get("AutoScalingGroupName") ?? "", form.get("Preferences.MinHealthyPercentage") ?? ""]);
    return undefined;
  };
  await run();
  expect(seen).toEqual([
    [APP, "100"],
    [ZONE_A, "0"],
    [ZONE_B, "0"],
  ]);
});

test("app nodes that stay unhealthy go back to image and release of before, and no router is touched", async () => {
  const { run, done, images, release } = await world({ bad: { [APP]: "ami-app-new" } });
  expect(await failure(run())).toMatchObject({ code: "deploy.replace", why: expect.stringContaining("not healthy") });
  expect([release(), images()]).toEqual([
    "old",
    ["i-app-a ami-app-old", "i-app-b ami-app-old", "i-router-a ami-router-old", "i-router-b ami-router-old"],
  ]);
  expect(done.filter((line) => line.startsWith("refresh"))).toEqual([`refresh ${APP}`, `refresh ${APP}`]);
  expect(done.at(-1)).toBe("remove /greenleaf-account/locks/prod");
});

test("where nothing was replaced yet, only what new nodes start from goes back", async () => {
  const { run, done, images } = await world({ bad: { [APP]: "ami-app-new" }, replaced: 0 });
  expect(await failure(run())).toMatchObject({ code: "deploy.replace" });
  expect(done.filter((line) => line.startsWith("refresh"))).toEqual([`refresh ${APP}`]);
  expect(images().filter((line) => line.includes("new"))).toEqual([]);
});

test("the first router that fails goes back, and the other zone's stays as it is", async () => {
  const { run, images, release, publisher } = await world({ bad: { [ZONE_A]: "ami-router-new" } });
  expect(await failure(run())).toMatchObject({ code: "deploy.replace" });
  expect([release(), images(), publisher.parameters.get("/greenleaf/prod/ami/router")]).toEqual([
    "new",
    ["i-app-a ami-app-new", "i-app-b ami-app-new", "i-router-a ami-router-old", "i-router-b ami-router-old"],
    "ami-router-old",
  ]);
});

test("a way back that fails as well is said, and the first error stays the one to read", async () => {
  const { run, done } = await world({
    bad: { [ZONE_A]: "ami-router-new" },
    deeds: { replace: () => Promise.reject(new Error("the first")) },
  });
  const away = await world({ deeds: { moveApp: () => Promise.reject(new Error("the first")), nodes: nodesOnce() } });
  expect(await failure(run())).toMatchObject({ message: "the first" });
  expect(done.some((line) => line.includes("ami-router-old again"))).toBe(true);
  expect(await failure(away.run())).toMatchObject({ message: "the first" });
  expect(away.done.some((line) => line.includes("could not be taken back: no answer"))).toBe(true);
});

/** A look at the nodes, then none. */
function nodesOnce(): PatchDeeds["nodes"] {
  let looks = 0;
  return async () => {
    if (looks++ > 0) throw new Error("no answer");
    return [];
  };
}

test("a router whose other zone has none that serves is left alone", async () => {
  const { run, done, standIn } = await world();
  const b = standIn.fleet.instances.get("i-router-b");
  if (b) b.state = "Pending:Wait";
  expect(await failure(run())).toMatchObject({ code: "patch.router-away", why: expect.stringContaining("eu-west-3b") });
  expect(done.filter((line) => line.startsWith("refresh"))).toEqual([`refresh ${APP}`]);
});

test.each(["publish", "bake"] as const)("when %s fails nothing of the environment was touched", async (deed) => {
  const { run, done, images } = await world({ deeds: { [deed]: () => Promise.reject(new Error("no room")) } });
  const before = images();
  expect(await failure(run())).toMatchObject({ message: "no room" });
  expect([done.filter((line) => /^(set|create|refresh)/.test(line)), images()]).toEqual([[], before]);
});

test("without golden images the nodes are replaced from their distribution's newest, and no image is named", async () => {
  const parameters = { "/greenleaf/prod/ami/app": undefined, "/greenleaf/prod/ami/router": undefined };
  const { run, done, images } = await world({ parameters });
  await run();
  expect(done.filter((line) => /bake|ami/.test(line))).toEqual([]);
  expect(new Set(images().map((line) => line.split(" ")[1]))).toEqual(new Set(["ami-stock"]));
});

test("with --plan the steps are told, numbered, and nothing is done", async () => {
  const { facts, whole, done, release, images } = await world();
  const before = [release(), images()];
  const text = await told(async () => expect(await runPatch(facts, whole, true)).toBe(0));
  const steps = text.trim().split("\n");
  expect(steps.map((step) => step.split(" ", 2).join(" "))).toEqual([
    "1. publish",
    "2. bake",
    "3. bake",
    "4. replace",
    "5. replace",
    "6. replace",
  ]);
  expect([done, release(), images()]).toEqual([[], ...before]);
});

test("without it the same steps are told and done, and in the end how to look and go back", async () => {
  const { facts, whole, done, release } = await world();
  const steps = await told(() => runPatch(facts, whole, true));
  const text = await told(async () => expect(await runPatch(facts, whole, false)).toBe(0));
  expect(text.startsWith(steps)).toBe(true);
  expect(text.trimEnd().split("\n").at(-1)).toBe(
    "next: ./greenleaf fleet status; the release back: ./greenleaf rollback prod",
  );
  expect([done[0], release()]).toEqual(["publish", "new"]);
});

test("an environment without app nodes has nothing to patch", async () => {
  const { facts, whole, done } = await world();
  const none = await failure(runPatch({ ...facts, groups: [ZONE_A] }, whole, false));
  expect(none).toMatchObject({ code: "deploy.no-nodes", exitCode: 69 });
  expect(done).toEqual([]);
});
