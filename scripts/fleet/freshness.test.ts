import { expect, test } from "vitest";
import { type Asked, accountAt, serverFor, type Told } from "../../tests/support/release-aws.ts";
import { staleParts } from "./age.ts";
import { freshnessOf } from "./freshness.ts";

/** The day on which everything here is published. */
const MADE = "2026-10-01T12:00:00.000Z";
const later = (days: number) => new Date(Date.parse(MADE) + days * 86_400_000);

interface Scene {
  /** When the distribution published its newest image. */
  readonly newest?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly imageName?: string;
  readonly refuse?: readonly string[];
}

const tagsOf = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags)
    .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
    .join("");

function aws({ newest = MADE, tags = {}, imageName = "al2023-ami-2023.9", refuse = [] }: Scene) {
  const answers: Readonly<Record<string, (asked: Asked) => Told>> = {
    DescribeImages: ({ fields, headers }) => {
      if (headers["x-amz-target"] !== undefined)
        return { body: JSON.stringify({ imageDetails: [{ imagePushedAt: Date.parse(MADE) / 1000 }] }) };
      const isNewest = fields["ImageId.1"] === "ami-newest" || fields["Owner.1"] !== undefined;
      const name = `<name>${imageName}</name>`;
      const made = `<creationDate>${isNewest ? newest : MADE}</creationDate>`;
      return { body: `<R><item>${made}${name}${tagsOf(isNewest ? {} : tags)}</item></R>` };
    },
    DescribeInstanceAttribute: () => {
      const script = "#!/bin/sh\nrole=app agent=0.4.0 again=/var/lib\n";
      return { body: `<R><userData><value>${Buffer.from(script).toString("base64")}</value></userData></R>` };
    },
    GetParameter: () => ({ body: JSON.stringify({ Parameter: { Value: "ami-newest" } }) }),
    GetCallerIdentity: () => ({ body: "<R><Account>123456789012</Account></R>" }),
    // S3 names no action.
    "": ({ method }) => (method === "HEAD" ? { headers: { "last-modified": new Date(MADE).toUTCString() } } : {}),
  };
  return serverFor((asked) => {
    const refused = refuse.includes(asked.action) || refuse.includes("all");
    return refused
      ? { status: 400, body: '{"__type":"AccessDeniedException"}' }
      : (answers[asked.action]?.(asked) ?? {});
  });
}

const releases = { prod: { images: { backend: `r.example/greenleaf/backend@sha256:${"a".repeat(64)}` } } };
const [app, router] = ["app", "router"].map((role) => ({
  id: `i-${role}`,
  environment: "prod",
  role,
  image: "ami-1",
  imageDays: 0,
}));
if (!app || !router) throw new Error("no nodes");

async function seen(scene: Scene, now = later(0)) {
  const { url, asked } = await aws(scene);
  const freshness = await freshnessOf(
    accountAt(url),
    { nodes: [app, router].flatMap((each) => each ?? []), releases },
    now,
  );
  return { freshness, asked, of: (role: string) => freshness.nodes.get(`i-${role}`) };
}

test("as days pass the agent and the container images age, and after 35 they are told", async () => {
  const stale = async (days: number) => staleParts([app, router], (await seen({}, later(days))).freshness);
  const { freshness, of } = await seen({}, later(35));
  expect([of("app"), freshness.baseDays]).toEqual([{ updates: "none", agent: "0.4.0", agentDays: 35 }, { prod: 35 }]);
  expect(await stale(35)).toEqual([]);
  expect(await stale(36)).toEqual([
    expect.stringContaining("the agent of prod's app nodes was published 36 days ago"),
    expect.stringContaining("the agent of prod's router nodes"),
    expect.stringContaining("the container images of prod were published 36 days ago"),
  ]);
});

test.each([
  ["Amazon Linux, stock", {}, "GetParameter"],
  ["Amazon Linux, golden", { tags: { Os: "amazon-linux-2023" }, imageName: "greenleaf-app" }, "GetParameter"],
  ["Debian, stock", { imageName: "debian-13-amd64-20261001" }, "Owner"],
  ["Debian, golden", { tags: { Os: "debian-13" }, imageName: "greenleaf-app" }, "Owner"],
])("updates wait once the distribution has a newer image: %s", async (_, scene, by) => {
  const { of, asked } = await seen({ ...scene, newest: later(1).toISOString() });
  expect(of("app")?.updates).toBe("waiting");
  expect((await seen(scene)).of("app")?.updates).toBe("none");
  const parts = asked.map(({ action, fields }) => (fields["Owner.1"] === undefined ? action : "Owner"));
  expect(parts.filter((part) => ["GetParameter", "Owner"].includes(part))).toEqual([by]);
});

test("a golden router keeps the agent of its image, an app node takes the one it was told", async () => {
  const { of } = await seen({ tags: { Agent: "0.3.0" } });
  expect([of("app")?.agent, of("router")?.agent]).toEqual(["0.4.0", "0.3.0"]);
});

test("what these credentials may not ask is not known, and never an error", async () => {
  const { freshness, of } = await seen({ refuse: ["all"] });
  expect([of("app"), freshness.baseDays]).toEqual([
    { updates: "?", agent: "?", agentDays: undefined },
    { prod: undefined },
  ]);
  expect((await seen({ refuse: ["GetParameter"] })).of("app")?.updates).toBe("?");
});
