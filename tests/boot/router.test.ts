import { beforeAll, describe, expect, test } from "vitest";
import { docker, goldenRouterImage, instancesMissing } from "./machine-images.ts";

const missing = instancesMissing();
const because = missing === undefined ? "" : ` (skipped: ${missing})`;
const AGENT = "/opt/greenleaf/current/node /opt/greenleaf/current/main.js";

describe.skipIf(missing !== undefined)(`golden routers${because}`, () => {
  let image: string;

  beforeAll(async () => {
    image = await goldenRouterImage();
  });

  const inside = (line: string): string => docker("run", "--rm", image, "sh", "-c", line);

  test("the image has all that a router installs, and no engine", () => {
    expect(inside(`${AGENT} install --role router --plan`)).toBe("");
    expect(
      inside("for name in iptables-restore conntrack ip dockerd; do command -v $name; done; :").split("\n"),
    ).toEqual(["/usr/sbin/iptables-restore", "/usr/sbin/conntrack", "/usr/sbin/ip"]);
  });
});
