import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { reaper } from "../support/reaper.ts";

const run = promisify(execFile);
const IMAGE = "greenleaf/aws:local";

export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** A moto of this test's own, in a container on a free port; the reason where there can be none. */
export async function startMoto(): Promise<Moto | { readonly missing: string }> {
  const image = await run("docker", ["image", "inspect", IMAGE]).catch(() => undefined);
  if (!image) return { missing: `the image ${IMAGE} is not built (sudo ./greenleaf images)` };
  const label = `greenleaf.test=moto-${randomUUID()}`;
  // Also when the test is killed.
  const reap = reaper(label);
  const flags = ["--detach", "--rm", "--label", label, "--publish", "127.0.0.1::4566"];
  const { stdout } = await run("docker", ["run", ...flags, IMAGE]);
  const id = stdout.trim();
  const { stdout: published } = await run("docker", ["port", id, "4566/tcp"]);
  const url = `http://${published.trim().split("\n")[0]}`;
  const wait = { what: "moto to answer", withinMs: 60_000, everyMs: 300, fix: `docker logs ${id}` };
  await until(systemClock, wait, async () => {
    const answer = await fetch(`${url}/_health`).catch(() => undefined);
    return answer?.ok ? done(undefined) : pending("no answer");
  });
  return { url, stop: () => reap.finish() };
}
