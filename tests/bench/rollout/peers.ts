import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../../integration/compose-oracle.ts";
import type { SmallShop } from "../../rollout/small-shop.ts";
import type { Row } from "../nat/table.ts";
import { explain, failedOf, p99, type Sent, underLoad, withShop } from "./measured.ts";

/** A peer waits so long for each container; a part of the rounds is enough to see what it does. */
const SHARE = 5;
const HEALTHY_MS = 60_000;

/** The same file and load, the same change, by those whom one would use instead; the agent does it between them. */
export function peers(project: string, rounds: number): Promise<Row[]> {
  const times = Math.max(1, Math.ceil(rounds / SHARE));
  return withShop(`${project}-peer`, (peer) =>
    withShop(`${project}-ours`, async (ours) => {
      await peer.compose({}, "up", "-d", "--wait");
      await ours.apply({});
      const found = { agent: [] as Sent[], compose: [] as Sent[], scale: [] as Sent[] };
      for (let round = 1; round <= times; round += 1) {
        const VERSION = `v${round}`;
        found.agent.push(await underLoad(ours, async () => void (await ours.apply({ storefront: { VERSION } }))));
        found.compose.push(
          await underLoad(peer, () => peer.compose({ storefront: { VERSION } }, "up", "-d", "--wait")),
        );
        found.scale.push(await underLoad(peer, () => scaleAndStop(`${project}-peer`, peer, `${VERSION}-scaled`)));
      }
      for (const sent of found.agent) await explain(ours, sent);
      return [
        row("the agent", found.agent, true),
        row("`docker compose up -d --wait`", found.compose),
        row("scale to two, wait, stop the old one", found.scale),
      ];
    }),
  );
}

function row(who: string, all: readonly Sent[], isOurs = false): Row {
  const whole: Sent = {
    sent: all.reduce((sum, { sent }) => sum + sent, 0),
    failures: all.flatMap(({ failures }) => failures),
    latencies: all.flatMap(({ latencies }) => latencies),
  };
  const told = { what: `a new storefront, ${all.length} times: ${who}`, measured: `${failedOf(whole)}, ${p99(whole)}` };
  return isOurs ? { ...told, target: "0 failed", isHeld: whole.failures.length === 0 } : told;
}

/** As scripts of this kind do: a second container by the new file, healthy, then the first one away. */
async function scaleAndStop(project: string, peer: SmallShop, VERSION: string): Promise<void> {
  const old = await storefronts(project);
  await peer.compose(
    { storefront: { VERSION } },
    "up",
    "-d",
    "--no-deps",
    "--no-recreate",
    "--scale",
    "storefront=2",
    "storefront",
  );
  const fresh = (await storefronts(project)).filter((id) => !old.includes(id));
  const end = Date.now() + HEALTHY_MS;
  while (!(await areHealthy(fresh)) && Date.now() < end) await sleep(200);
  for (const id of old)
    execFileSync("docker", ["rm", "--force", execFileSync("docker", ["stop", id], { encoding: "utf8" }).trim()]);
}

async function storefronts(project: string): Promise<string[]> {
  const label = [`com.docker.compose.project=${project}`, "com.docker.compose.service=storefront"];
  return (await docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
}

async function areHealthy(ids: readonly string[]): Promise<boolean> {
  const all = await Promise.all(ids.map((id) => docker.getContainer(id).inspect()));
  return all.every(({ State }) => State.Health?.Status === "healthy");
}
