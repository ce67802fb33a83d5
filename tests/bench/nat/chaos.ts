import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabView, RouterView } from "../../../scripts/lab/lab-view.ts";
import { run } from "../../../scripts/lab/namespaces.ts";
import { random } from "../../support/random.ts";
import type { Row } from "./table.ts";
import { Watch } from "./watch.ts";

// The lab of a person's hand takes its name when it is loaded.
process.env.GREENLEAF_LAB = `chaos-${process.pid}`;
const { FAULTS, UNDONE_BY } = await import("../../../scripts/lab/faults.ts");
const { HAND_LAB, LAB_FOLDER, downLab, upLab } = await import("../../../scripts/lab/lab-commands.ts");
const { observeLab, routerName } = await import("../../../scripts/lab/lab-view.ts");

const SEED = 20_261;
const LOOK_MS = 200;
/** A zone that moved is judged by what its own router said of itself this long before and after. */
const AROUND_MS = 2_000;
const WELL_MS = 90_000;
/** What the routers put right by themselves, or do not mind. */
const PASSING = Object.keys(FAULTS).filter((verb) => !(verb in UNDONE_BY) && !Object.values(UNDONE_BY).includes(verb));

interface Look {
  readonly at: number;
  readonly owners: ReadonlyArray<string | undefined>;
  /** Of each router: its agent works, and its own way out is proven. */
  readonly isWell: readonly boolean[];
}

const isRouterWell = ({ agent, status }: RouterView): boolean => agent === "alive" && status?.probe.isProven === true;
const isHome = ({ zones }: LabView): boolean => zones.every(({ owner }, index) => owner === routerName(index));

/**
 * Every verb of the lab at random for so many seconds, one that passes within one that stays: what no fault, and no two of
 * them, may bring about.
 */
export async function chaos(_lab: unknown, seconds: number): Promise<Row[]> {
  await upLab();
  try {
    return await new Chaos(seconds).run();
  } finally {
    await downLab();
  }
}

class Chaos {
  readonly #seconds: number;
  readonly #next = random(SEED);
  readonly #looks: Look[] = [];
  readonly #memory: Array<{ at: number; megabytes: number }> = [];
  readonly #unwell: string[] = [];
  readonly #said: Array<{ readonly at: number; readonly verb: string }> = [];
  #isOver = false;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  async run(): Promise<Row[]> {
    for (const index of [0, 1] as const) sends(index);
    const watch = new Watch(HAND_LAB, routes);
    const watching = [watch.run(), this.#look()];
    const end = performance.now() + this.#seconds * 1_000;
    while (performance.now() < end) await this.#turn();
    watch.end();
    this.#isOver = true;
    await Promise.all(watching);
    return this.#rows(watch, (await observeLab(HAND_LAB, LAB_FOLDER)).leaked);
  }

  async #turn(): Promise<void> {
    const verbs = [...PASSING, ...Object.keys(UNDONE_BY)];
    const verb = this.#drawn(verbs);
    const inner = this.#next() < 0.5 ? this.#drawn(PASSING) : undefined;
    await this.#say(verb);
    await sleep(this.#next() * 4_000);
    if (inner !== undefined) await this.#say(inner);
    await sleep(this.#next() * 6_000);
    const undo = UNDONE_BY[verb];
    if (undo !== undefined) await this.#say(undo);
    if (!(await this.#comesHome())) this.#unwell.push([verb, inner].filter(Boolean).join(" and "));
  }

  #drawn(verbs: readonly string[]): string {
    return verbs[Math.floor(this.#next() * verbs.length)] ?? "";
  }

  // One fault may have taken away what another is about to change: that is no failure of the routers.
  async #say(verb: string): Promise<void> {
    this.#said.push({ at: performance.now(), verb });
    await FAULTS[verb]?.(HAND_LAB).catch(() => undefined);
  }

  async #comesHome(): Promise<boolean> {
    const start = performance.now();
    while (performance.now() - start < WELL_MS) {
      const view = await observeLab(HAND_LAB, LAB_FOLDER);
      if (isHome(view) && view.routers.every(isRouterWell)) return true;
      await sleep(LOOK_MS);
    }
    return false;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const { zones, routers } = await observeLab(HAND_LAB, LAB_FOLDER);
      const at = performance.now();
      const owners = zones.map(({ owner }) => owner);
      this.#looks.push({ at, owners, isWell: routers.map(isRouterWell) });
      this.#memory.push({ at, megabytes: Math.max(...[0, 1].map(residentOf)) });
      await sleep(LOOK_MS);
    }
  }

  /** Moves of a zone away from a router that said all the time that it works and has a way out. */
  #needless(): readonly string[] {
    return this.#looks.flatMap((look, place) => {
      const before = this.#looks[place - 1];
      if (before === undefined) return [];
      return [0, 1].flatMap((zone) => {
        const hasLeft = before.owners[zone] === routerName(zone) && look.owners[zone] !== routerName(zone);
        const around = this.#looks.filter(({ at }) => Math.abs(at - look.at) < AROUND_MS);
        return hasLeft && around.every(({ isWell }) => isWell[zone])
          ? [`zone ${"ab"[zone]} (${this.#before(look.at)})`]
          : [];
      });
    });
  }

  /** What was said before a moment, and how many seconds. */
  #before(moment: number): string {
    const last = this.#said.filter(({ at }) => at <= moment).slice(-3);
    return last.map(({ at, verb }) => `${verb} ${((moment - at) / 1000).toFixed(1)} s before`).join(", ");
  }

  #moves(): number {
    return this.#looks.filter(({ owners }, at) => at > 0 && owners.join() !== this.#looks[at - 1]?.owners.join())
      .length;
  }

  /** Of the first and of the last third. */
  #peaks(): readonly [number, number] {
    const third = (this.#memory.at(-1)?.at ?? 0) - (this.#memory[0]?.at ?? 0);
    const first = (this.#memory[0]?.at ?? 0) + third / 3;
    const last = (this.#memory.at(-1)?.at ?? 0) - third / 3;
    const peak = (isIn: (at: number) => boolean) =>
      Math.max(...this.#memory.filter(({ at }) => isIn(at)).map(({ megabytes }) => megabytes));
    return [peak((at) => at <= first), peak((at) => at >= last)];
  }

  #rows(watch: Watch, leaked: number): Row[] {
    const kinds = new Set(this.#said.map(({ verb }) => verb));
    const needless = this.#needless();
    const [first, last] = this.#peaks();
    const zero = (what: string, found: number, told = "") => ({
      what,
      measured: `${found}${told}`,
      target: "0",
      isHeld: found === 0,
    });
    return [
      {
        what: `${this.#seconds} s of faults at random (seed ${SEED}): verbs said, of how many kinds; moves of a zone`,
        measured: `${this.#said.length}, ${kinds.size}; ${this.#moves()}`,
      },
      zero("untranslated packets", leaked),
      zero(`of ${watch.samples} looks at who translates zone b, those with two at once`, watch.together),
      zero("zones taken from a router that was well", needless.length, needless.length > 0 ? `: ${needless}` : ""),
      zero("turns after which all was not well within 90 s", this.#unwell.length, ` ${this.#unwell.join("; ")}`),
      {
        what: "daemon's memory, MB: peak of the first third, of the last third",
        measured: `${first.toFixed(1)}, ${last.toFixed(1)}`,
        target: "no more",
        isHeld: last <= first * 1.05,
      },
    ];
  }
}

/** Another text after each move of a route. */
const routes = async (): Promise<string> =>
  (await run(["ip", "-n", HAND_LAB.vpc.namespace, "route", "show", "table", "102"])).stdout;

/** A client's flow that asks every 10 ms; it ends with its namespace. */
function sends(index: 0 | 1): void {
  const program = join(import.meta.dirname, "../../nat/programs/udp-gap.ts");
  const { namespace } = HAND_LAB.zones[index].client;
  const argv = ["netns", "exec", namespace, process.execPath, program, HAND_LAB.internet.servers[0] ?? ""];
  spawn("ip", argv, { stdio: ["ignore", "ignore", "inherit"] }).unref();
}

function residentOf(index: number): number {
  const place = join(LAB_FOLDER, `router-${"ab"[index]}.pid`);
  const status = existsSync(place) ? `/proc/${readFileSync(place, "utf8").trim()}/status` : "";
  if (!existsSync(status)) return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1] ?? 0) / 1024;
}
