import { cpus, loadavg } from "node:os";
import { goldenDisk } from "../boot/golden-disk.ts";
import { goldenImage, instancesMissing } from "../boot/machine-images.ts";
import { appStart, unitStart } from "../boot/measure.ts";
import { type FleetNode, newNode, reached } from "../boot/node.ts";
import { bootWorld, type World } from "../boot/world.ts";
import { median } from "../support/quantile.ts";

/** Issue 5: seconds of a golden boot beyond what the application itself takes to start, with nothing to migrate. */
const OVERHEAD_S = 3;
const BOOTS = Number(process.env.BENCH_BOOTS ?? 5);
const HEALTHY_MS = 240_000;

interface Boot {
  readonly boot: number;
  readonly app: number;
  readonly firstRunMs: number;
}

const missing = instancesMissing();
if (missing === undefined) process.exitCode = await measure();
else print(`skipped: ${missing}`);

async function measure(): Promise<number> {
  const world = await bootWorld("bench");
  try {
    print(`load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
    const image = await goldenImage();
    const disk = await goldenDisk(world, image, await world.release());
    const made = { image, disk };
    // The first one migrates; the others find nothing to do.
    await booted(world, made);
    const boots: Boot[] = [];
    for (let index = 0; index < BOOTS; index += 1) boots.push(await booted(world, made));
    return report(boots);
  } finally {
    await world.close();
  }
}

async function booted(world: World, made: { image: string; disk: string }): Promise<Boot> {
  const node = await newNode(world, made);
  try {
    node.start();
    await reached(node, "healthy answer", HEALTHY_MS, async () => (await node.healthz()) === 200);
    const healthyAt = Date.now() / 1000;
    const boot = healthyAt - (await unitStart(node, "greenleaf-boot.service"));
    return { boot, firstRunMs: await phaseMs(node, "first-run"), app: await appStart(node) };
  } finally {
    node.remove();
  }
}

async function phaseMs(node: FleetNode, phase: string): Promise<number> {
  return (await node.status())?.phases.find(({ name }) => name === phase)?.ms ?? Number.NaN;
}

function report(boots: readonly Boot[]): number {
  for (const { boot, app, firstRunMs } of boots)
    print(
      `     unit start to /healthz ${boot.toFixed(1)} s, application alone ${app.toFixed(1)} s, first-run ${firstRunMs} ms`,
    );
  const of = (key: keyof Boot) => median(boots.map((each) => each[key]));
  const isMet = of("boot") <= of("app") + OVERHEAD_S;
  print(
    `${isMet ? "ok  " : "MISS"} golden boot, median of ${boots.length}: ${of("boot").toFixed(1)} s; application alone ${of("app").toFixed(1)} s, <= ${OVERHEAD_S} s more; first-run with nothing due ${of("firstRunMs")} ms`,
  );
  return isMet ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
