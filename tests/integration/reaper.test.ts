import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

const label = `greenleaf.test=reaper-${process.pid}`;
const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" });
const left = () =>
  docker("ps", "--all", "--quiet", "--filter", `label=${label}`) +
  docker("network", "ls", "--quiet", "--filter", `label=${label}`);

/** A suite that makes a network and a container, then waits to be killed. */
const suite = `
  const { execFileSync } = await import("node:child_process");
  const { reaper } = await import(${JSON.stringify(new URL("../support/reaper.ts", import.meta.url).href)});
  reaper("${label}");
  execFileSync("docker", ["network", "create", "--label", "${label}", "greenleaf-test-reaper-${process.pid}"]);
  execFileSync("docker", ["run", "--detach", "--label", "${label}", "greenleaf/node:local", "node", "-e", "setTimeout(() => {}, 1e6)"]);
  console.log("made");
  setTimeout(() => {}, 1e6);
`;

test.each(["SIGINT", "SIGKILL"] as const)("nothing of a suite is left when it is ended by %s", async (signal) => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", suite], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(left().trim().split("\n")).toHaveLength(2);
  child.kill(signal);
  await once(child, "close");
  for (let tries = 0; left() !== "" && tries < 300; tries += 1) await sleep(100);
  expect(left()).toBe("");
});
