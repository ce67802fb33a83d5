import { expect, test } from "vitest";
import { parseSaved } from "../router/nat/saved.ts";
import { planWall, planWallRemoval } from "./metadata-wall.ts";

const OURS = '-d 169.254.169.254/32 -m comment --comment "greenleaf: no instance metadata for containers" -j DROP';
const saved = (...rules: string[]) =>
  parseSaved(["*filter", ":FORWARD DROP [0:0]", ":DOCKER-USER - [0:0]", ...rules, "COMMIT", ""].join("\n"));

test("the rule comes before all others of Docker's chain, and is planned once", () => {
  const [operation, ...more] = planWall("ipv4", saved("-A DOCKER-USER -s 10.0.0.0/8 -j ACCEPT"));
  expect(more).toEqual([]);
  expect(operation?.text).toBe(`*filter\n-I DOCKER-USER 1 ${OURS}\nCOMMIT\n`);
  expect(planWall("ipv4", saved(`-A DOCKER-USER ${OURS}`, "-A DOCKER-USER -j RETURN"))).toEqual([]);
});

test("a rule that others were put before, and one too many, are put right in one step", () => {
  const behind = saved("-A DOCKER-USER -j ACCEPT", `-A DOCKER-USER ${OURS}`);
  expect(planWall("ipv4", behind)[0]?.text).toBe(`*filter\n-D DOCKER-USER ${OURS}\n-I DOCKER-USER 1 ${OURS}\nCOMMIT\n`);
  const twice = saved(`-A DOCKER-USER ${OURS}`, `-A FORWARD ${OURS}`);
  expect(planWall("ipv4", twice)[0]?.text.match(/^-D /gm)).toHaveLength(2);
});

test("where Docker has no chain, the kernel's own takes it", () => {
  const bare = parseSaved("*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
  expect(planWall("ipv6", bare)[0]?.text).toContain("-I FORWARD 1 -d fd00:ec2::254/128 ");
  expect(planWall("ipv4", parseSaved(""))[0]?.text).toContain("-I FORWARD 1 ");
});

test("a removal names our rules only", () => {
  const foreign = "-A DOCKER-USER -d 169.254.169.254/32 -j DROP";
  expect(planWallRemoval("ipv4", saved(foreign))).toEqual([]);
  expect(planWallRemoval("ipv4", saved(foreign, `-A DOCKER-USER ${OURS}`))[0]?.text).toBe(
    `*filter\n-D DOCKER-USER ${OURS}\nCOMMIT\n`,
  );
});
