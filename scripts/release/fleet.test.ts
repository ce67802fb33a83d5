import { expect, test } from "vitest";
import { ConfigurationError, UnhealthyError } from "../../node-agent/src/base/errors.ts";
import {
  type Asked,
  accountAt,
  documentWith,
  memoryPublisher,
  serverFor,
  type Told,
} from "../../tests/support/release-aws.ts";
import { deployInPlace } from "./in-place.ts";
import { refreshGroup, settleGroup } from "./refresh.ts";
import { runCommand } from "./run-command.ts";

// A poll every ten seconds is for AWS; it is read when the module is loaded.
process.env.GREENLEAF_POLL_MS = "1";
const { moveFleet, noRelease } = await import("./move-fleet.ts");

interface Instance {
  readonly id: string;
  readonly environment?: string;
  readonly role?: string;
  readonly state?: string;
}

interface Scene {
  readonly instances?: readonly Instance[];
  /** What the balancer says of a node, one word for each look; the last one stays. */
  readonly targets?: Readonly<Record<string, readonly string[]>>;
  /** What a node's command ends with. */
  readonly answers?: Readonly<Record<string, object>>;
  /** States of the instance refresh, one for each look; the last one stays. */
  readonly refresh?: readonly string[];
  readonly activities?: string;
  readonly refuse?: Readonly<Record<string, string>>;
  /** Told of each request when it comes. */
  readonly onRequest?: (asked: Asked) => void;
}

const ready = (release = "new") => ({
  Status: "Success",
  ResponseCode: 0,
  StandardOutputContent: JSON.stringify({ boot: { verdict: "ready", release } }),
});

/** AWS as far as a deploy asks it. */
function aws(scene: Scene) {
  const looks = new Map<string, number>();
  const next = (name: string, words: readonly string[]) => {
    const at = looks.get(name) ?? 0;
    looks.set(name, at + 1);
    return words[Math.min(at, words.length - 1)] ?? "";
  };
  const sent: Array<{ id: string; commands: readonly string[]; body: Record<string, unknown> }> = [];
  const answers: Readonly<Record<string, (asked: Asked) => Told>> = {
    DescribeInstances: () => ({ body: (scene.instances ?? []).map(instanceXml).join("") }),
    DescribeTargetGroups: () => ({ body: "<TargetGroupArn>arn:x:targetgroup/greenleaf-prod</TargetGroupArn>" }),
    DescribeTargetHealth: () => ({
      body: Object.entries(scene.targets ?? {})
        .map(([id, words]) => `<member><Id>${id}</Id><State>${next(`target ${id}`, words)}</State>`)
        .join(""),
    }),
    SendCommand: ({ body }) => {
      const command = JSON.parse(body.toString()) as { InstanceIds: [string]; Parameters: { commands: string[] } };
      sent.push({ id: command.InstanceIds[0], commands: command.Parameters.commands, body: { ...command } });
      return { body: JSON.stringify({ Command: { CommandId: `c-${command.InstanceIds[0]}` } }) };
    },
    GetCommandInvocation: ({ body }) => {
      const { InstanceId } = JSON.parse(body.toString()) as { InstanceId: string };
      const look = looks.get(InstanceId) ?? 0;
      looks.set(InstanceId, look + 1);
      if (look === 0) return { status: 400, body: '{"__type":"x#InvocationDoesNotExist","message":"m"}' };
      if (look === 1) return { body: '{"Status":"InProgress"}' };
      return { body: JSON.stringify(scene.answers?.[InstanceId] ?? ready()) };
    },
    StartInstanceRefresh: () => ({ body: "<InstanceRefreshId>r-1</InstanceRefreshId>" }),
    DescribeInstanceRefreshes: () => ({
      body: `<member><InstanceRefreshId>r-0</InstanceRefreshId><Status>Failed</Status><member><InstanceRefreshId>r-1</InstanceRefreshId><Status>${next("refresh", scene.refresh ?? ["Successful"])}</Status><PercentageComplete>40</PercentageComplete><StatusReason>because</StatusReason>`,
    }),
    DescribeScalingActivities: () => ({ body: scene.activities ?? "" }),
  };
  const answer = (asked: Asked): Told => {
    scene.onRequest?.(asked);
    const code = scene.refuse?.[asked.action];
    if (code !== undefined) {
      return {
        status: 400,
        body: `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
      };
    }
    const told = answers[asked.action]?.(asked) ?? {};
    const isQuery = asked.fields.Action !== undefined;
    return isQuery ? { body: `<${asked.action}Response>${told.body ?? ""}</${asked.action}Response>` } : told;
  };
  return { answer, sent };
}

const instanceXml = ({ id, environment = "prod", role = "app", state = "running" }: Instance) =>
  `<instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState><availabilityZone>z-${id}</availabilityZone>` +
  `<key>Environment</key><value>${environment}</value><key>Role</key><value>${role}</value>`;

async function scene(given: Scene) {
  const { answer, sent } = aws(given);
  const { url, asked } = await serverFor(answer);
  const log: string[] = [];
  const account = accountAt(url);
  const waiting = { everyMs: 1, withinMs: 2_000, log: (text: string) => void log.push(text) };
  return {
    account,
    asked,
    sent,
    log,
    actions: () => asked.map(({ action }) => action),
    inPlace: () => deployInPlace(account, { environment: "prod", id: "new", ...waiting }),
    refresh: () => refreshGroup(account, { group: "greenleaf-prod-app", ...waiting }),
  };
}

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

test("in place, each running app node of the environment boots, one after the other, and is healthy before the next", async () => {
  const { inPlace, sent, log, asked } = await scene({
    instances: [
      { id: "i-1" },
      { id: "i-2" },
      { id: "i-dev", environment: "dev" },
      { id: "i-router", role: "router" },
      { id: "i-stopped", state: "stopped" },
    ],
    targets: { "i-1": ["unhealthy", "initial", "healthy"], "i-2": ["healthy"] },
  });
  expect(await inPlace()).toBe(2);
  expect(sent.map(({ id }) => id)).toEqual(["i-1", "i-2"]);
  expect(log).toEqual(["i-1 in z-i-1", "i-2 in z-i-2"]);
  expect(sent[0]?.commands).toEqual([
    "/opt/greenleaf/current/node /opt/greenleaf/current/main.js boot >/dev/null",
    "code=$?",
    "/opt/greenleaf/current/node /opt/greenleaf/current/main.js status --json",
    "exit $code",
  ]);
  const steps = asked.map(({ action }) => action).filter((action) => /SendCommand|TargetHealth/.test(action));
  // One look for the list, then three until the first is healthy, and only then the second's command.
  expect(steps).toEqual([
    "DescribeTargetHealth",
    "SendCommand",
    "DescribeTargetHealth",
    "DescribeTargetHealth",
    "SendCommand",
    "DescribeTargetHealth",
  ]);
});

test.each([["-"], ["unused"]])("a node that no balancer asks about (%s) need not wait for it", async (word) => {
  const { inPlace } = await scene({ instances: [{ id: "i-1" }], targets: word === "-" ? {} : { "i-1": [word] } });
  expect(await inPlace()).toBe(1);
});

test("a node that the balancer never calls healthy ends it at the deadline, with the balancer's last word", async () => {
  const { account } = await scene({ instances: [{ id: "i-1" }], targets: { "i-1": ["unhealthy"] } });
  const waiting = { everyMs: 1, withinMs: 100, log: () => undefined };
  const error = await failure(deployInPlace(account, { environment: "prod", id: "new", ...waiting }));
  expect(error).toMatchObject({ why: expect.stringContaining("the balancer says unhealthy") });
});

test("an environment without a running app node is told, not called done", async () => {
  const { inPlace } = await scene({ instances: [{ id: "i-1", environment: "dev" }] });
  expect(await failure(inPlace())).toBeInstanceOf(UnhealthyError);
});

test.each([
  [
    "exits with a code",
    { Status: "Failed", ResponseCode: 75, StandardErrorContent: "a\nlast line\n" },
    75,
    "verdict unknown, release none (last line)",
  ],
  [
    "prints no status",
    { Status: "Success", StandardOutputContent: "no JSON", StandardErrorContent: "x" },
    0,
    "verdict unknown, release none (x)",
  ],
  [
    "is not ready",
    {
      ...ready(),
      StandardOutputContent: '{"boot":{"verdict":"failed","release":"new","reason":{"what":"pull","why":"no disk"}}}',
    },
    0,
    "pull: no disk",
  ],
  ["runs another release", { ...ready("old"), StandardErrorContent: "" }, 0, "verdict ready, release old ()"],
  ["was lost on the way", { Status: "TimedOut" }, -1, "verdict unknown, release none (TimedOut)"],
  [
    "failed without a code",
    { Status: "Failed", ResponseCode: 0, StandardErrorContent: "x" },
    -1,
    "verdict unknown, release none (x)",
  ],
])("a node whose boot %s ends it, and the others are left alone", async (_, answer, code, why) => {
  const { inPlace, sent } = await scene({ instances: [{ id: "i-1" }, { id: "i-2" }], answers: { "i-1": answer } });
  const error = await failure(inPlace());
  expect(error).toBeInstanceOf(UnhealthyError);
  expect(error).toMatchObject({ message: expect.stringContaining(`i-1 does not run the release (code ${code})`), why });
  expect(sent.map(({ id }) => id)).toEqual(["i-1"]);
});

test("a command is given the time it may take, in whole seconds, and a minute to begin", async () => {
  const { account, sent } = await scene({});
  const answer = await runCommand(account, { instanceId: "i-1", commands: ["true"], everyMs: 1, withinMs: 1_500 });
  expect(answer).toMatchObject({ code: 0, stderr: "Success" });
  expect(sent[0]?.body).toMatchObject({
    DocumentName: "AWS-RunShellScript",
    Parameters: { commands: ["true"], executionTimeout: ["2"] },
    TimeoutSeconds: 60,
  });
});

test("a refusal of Run Command other than not yet ends the wait", async () => {
  const { url } = await serverFor(({ action }) =>
    action === "SendCommand"
      ? { body: '{"Command":{"CommandId":"c"}}' }
      : { status: 400, body: '{"__type":"InvalidInstanceId","message":"m"}' },
  );
  const command = { instanceId: "i-1", commands: [], everyMs: 1, withinMs: 60_000 };
  expect(await failure(runCommand(accountAt(url), command))).toMatchObject({ code: "InvalidInstanceId" });
});

test("an instance refresh is begun with new nodes first, watched to its end, and not cancelled then", async () => {
  const { refresh, asked, log, actions } = await scene({ refresh: ["Pending", "InProgress", "Baking", "Successful"] });
  await refresh();
  expect(asked[0]?.fields).toMatchObject({
    Action: "StartInstanceRefresh",
    AutoScalingGroupName: "greenleaf-prod-app",
    Strategy: "Rolling",
    "Preferences.MinHealthyPercentage": "100",
    "Preferences.MaxHealthyPercentage": "150",
    "Preferences.InstanceWarmup": "60",
    "Preferences.SkipMatching": "false",
  });
  expect(log).toEqual(["Pending, 40 %", "InProgress, 40 %", "Baking, 40 %", "Successful, 40 %"]);
  expect(actions()).not.toContain("CancelInstanceRefresh");
});

test("a node that no second one can stand beside is replaced where it is", async () => {
  const { account, asked } = await scene({});
  const waiting = { everyMs: 1, withinMs: 2_000, log: () => undefined };
  await refreshGroup(account, { group: "greenleaf-prod-router-a", start: "instead", ...waiting });
  expect(asked[0]?.fields).toMatchObject({
    "Preferences.MinHealthyPercentage": "0",
    "Preferences.MaxHealthyPercentage": "100",
  });
});

test.each(["Failed", "Cancelled", "RollbackSuccessful"])(
  "a refresh that ends as %s is an error with AWS's reason, and is cancelled",
  async (status) => {
    const { refresh, actions } = await scene({ refresh: ["InProgress", status] });
    expect(await failure(refresh())).toMatchObject({ why: `the refresh is ${status}: because` });
    expect(actions().at(-1)).toBe("CancelInstanceRefresh");
  },
);

const activity = (description: string, status: string, start: Date) =>
  `<member><Description>${description}</Description><StatusCode>${status}</StatusCode><StatusMessage>hook</StatusMessage><StartTime>${start.toISOString()}</StartTime>`;

test("the first node that its launch hook gives up ends the refresh; what was lost before it does not count", async () => {
  const now = () => new Date();
  const before = new Date(Date.now() - 60_000);
  const harmless = [
    activity("Launching a", "Failed", before),
    activity("Launching b", "Successful", now()),
    activity("Terminating c", "Failed", now()),
  ].join("");
  const { refresh } = await scene({ activities: harmless });
  await refresh();
  for (const status of ["Failed", "Cancelled"]) {
    const { refresh: lost, actions } = await scene({
      activities: harmless + activity("Launching d", status, now()),
      refresh: ["InProgress"],
    });
    expect(await failure(lost())).toMatchObject({ why: "Launching d: hook" });
    expect(actions().at(-1)).toBe("CancelInstanceRefresh");
  }
});

test("what is asked is signed for the service that is asked", async () => {
  const { refresh, asked } = await scene({ refresh: ["Successful"] });
  await refresh();
  for (const { headers } of asked) expect(headers.authorization).toContain("/eu-west-3/autoscaling/aws4_request");
});

test("a refresh that cannot begin is an error, and one that ended by itself need not be cancelled", async () => {
  const refused = await scene({ refuse: { StartInstanceRefresh: "InstanceRefreshInProgress" } });
  expect(await failure(refused.refresh())).toMatchObject({
    code: "deploy.replace",
    why: expect.stringContaining("InstanceRefreshInProgress"),
  });
  expect(refused.actions()).not.toContain("CancelInstanceRefresh");
  const ended = await scene({
    refresh: ["Failed"],
    refuse: { CancelInstanceRefresh: "ActiveInstanceRefreshNotFound" },
  });
  expect(await failure(ended.refresh())).toMatchObject({ why: "the refresh is Failed: because" });
});

test("a second refresh waits for the end of the one that was cancelled, to its deadline", async () => {
  const { account, log, actions } = await scene({ refresh: ["InProgress", "Cancelling", "Cancelled"] });
  const waiting = {
    group: "greenleaf-prod-app",
    everyMs: 1,
    withinMs: 2_000,
    log: (text: string) => void log.push(text),
  };
  await settleGroup(account, waiting);
  expect([log, new Set(actions())]).toEqual([
    ["the one before is InProgress", "the one before is Cancelling"],
    new Set(["DescribeInstanceRefreshes"]),
  ]);
  const stuck = await scene({ refresh: ["Cancelling"] });
  const error = await failure(settleGroup(stuck.account, { ...waiting, withinMs: 50 }));
  expect(error).toMatchObject({ why: expect.stringContaining("Cancelling") });
});

const RELEASE = "/greenleaf/prod/release";
const PREVIOUS = "/greenleaf/prod/previous";
const [OLD, NEW, OLDER] = [documentWith("old"), documentWith("new"), documentWith("older")];

async function moved(given: Scene, move: object, parameters: Readonly<Record<string, string>>) {
  const atRequests: Array<string | undefined> = [];
  const onRequest = () => void atRequests.push(publisher.parameters.get(RELEASE));
  const { account, actions, sent } = await scene({ instances: [{ id: "i-1" }], onRequest, ...given });
  const publisher = memoryPublisher(account, parameters);
  const error = await failure(moveFleet(publisher, { environment: "prod", inPlace: true, ...move }));
  return {
    error,
    publisher,
    actions,
    sent,
    atRequests,
    now: [publisher.parameters.get(RELEASE), publisher.parameters.get(PREVIOUS)],
  };
}

test("a deploy writes the parameters before it moves a node, so that a node which starts meanwhile is right", async () => {
  const channel = { current: NEW, previous: OLD };
  const { error, publisher, now, sent, atRequests } = await moved(
    {},
    { channel },
    { [RELEASE]: OLD, [PREVIOUS]: OLDER },
  );
  expect(error).toBeUndefined();
  expect(atRequests[0]).toBe(NEW);
  expect(publisher.done).toEqual([`set ${PREVIOUS}`, `set ${RELEASE}`]);
  expect([now, sent.length]).toEqual([[NEW, OLD], 1]);
});

test("when a node fails the parameters are put back, the release and the one before it", async () => {
  const channel = { current: NEW, previous: OLD };
  const answers = { "i-1": ready("old") };
  const { error, now } = await moved({ answers }, { channel }, { [RELEASE]: OLD, [PREVIOUS]: OLDER });
  expect(error).toBeInstanceOf(UnhealthyError);
  expect(now).toEqual([OLD, OLDER]);
});

test("without a release of its own a move writes nothing, and nothing is put back when it fails", async () => {
  for (const move of [{}, { channel: { current: OLD, previous: OLDER } }]) {
    const { publisher, error, now } = await moved({}, move, { [RELEASE]: OLD, [PREVIOUS]: OLDER });
    // The node of this scene runs `new`, not `old`.
    expect([publisher.done, error instanceof UnhealthyError, now]).toEqual([[], true, [OLD, OLDER]]);
  }
});

test("not in place the environment's own group is refreshed", async () => {
  const { error, actions, sent } = await moved({}, { inPlace: false }, { [RELEASE]: NEW });
  expect([error, sent]).toEqual([undefined, []]);
  expect(actions()[0]).toBe("StartInstanceRefresh");
});

test("an environment without a release has nothing to move to", async () => {
  const { error, actions } = await moved({}, {}, {});
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toEqual(noRelease("prod"));
  expect(noRelease("prod").code).toBe("deploy.no-release");
  expect(noRelease("prod").why).toBe("parameter /greenleaf/prod/release does not exist");
  expect(actions()).toEqual([]);
});
