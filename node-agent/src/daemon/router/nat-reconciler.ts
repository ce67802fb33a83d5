import { AgentError } from "../../base/errors.ts";
import { ROUTER_STATE_PATH } from "../../base/paths.ts";
import type { RouterDocument } from "../../core/router/document.ts";
import { HOME_ONLY, natConfig, type RouterState } from "../../core/router/nat/config.ts";
import type { NetworkChange } from "../../core/router/nat/network-changes.ts";
import type { NatOperation } from "../../core/router/nat/operation.ts";
import { planNat, sysctlNames } from "../../core/router/nat/plan.ts";
import { type Returning, ReturningDrift } from "../../core/router/nat/returning-drift.ts";
import { ownTables } from "../../core/router/nat/rules.ts";
import { planRules } from "../../core/router/nat/rules-plan.ts";
import { parseSaved } from "../../core/router/nat/saved.ts";
import type { Sysctls } from "../../core/router/nat/sysctls.ts";
import { execute, observe, readState } from "../../phases/router/nat.ts";
import { withNatLock } from "../../phases/router/nat-lock.ts";
import type { World } from "../../world.ts";
import type { View } from "../app/view.ts";
import { every } from "../every.ts";
import { type DaemonContext, logAgentError } from "../part.ts";
import { Wakeup } from "../wakeup.ts";

/** Looks at everything this often, at the rules between, and now and then at what else others change. */
export const FULL_RECONCILE_MS = 10_000;
/** Policy rules, addresses, switches, the barrier: seen within a second, with programs that cost as much as the rules. */
export const OUTLINE_MS = 700;
/** Between two looks while nobody tells what changes, and at what nobody tells of while somebody does. */
export const DEAF_MS = 400;
export const HEARING_MS = 5_000;
/** What is told of comes in many pieces, and whoever changes much is not looked at each time. */
const TOLD_MS = 100;
/** Another program that answers each write with one of its own gets no more than so many a second. */
const SWITCH_MS = 50;

/** Shorter than a pause. */
const WATCH_SECONDS = 1.5;
const WATCH_AGAIN_MS = 10_000;

/** Before programs that tell of changes are started again. */
const HEAR_AGAIN_MS = 30_000;
/** A look and all its steps have limits of their own; beyond their sum it hangs. */
const LOOK_LIMIT_MS = 45_000;

/** Looks, and looks sooner when the kernel tells of a change, until the signal. */
export async function keepReconciled(daemon: DaemonContext, one: NatReconciler): Promise<void> {
  const { world, view, watchdog, signal } = daemon;
  const wakeup = new Wakeup();
  const telling = (act: () => Promise<void>) => logAgentError(view, () => tellingRepairs(view, one, act));
  const hear = (isHearing: boolean) => {
    one.hear(isHearing);
    wakeup.notify();
  };
  const changed = (change: NetworkChange) =>
    void telling(async () => void ((await one.told(change)) && wakeup.notify()));
  const follow = async () => {
    // The legacy backend's changes are told by nobody.
    if (!(await world.iptables.isTold())) return;
    await world.networkEvents.follow({ began: () => hear(true), changed }, signal);
    hear(false);
  };
  await Promise.all([
    every(
      () => one.pauseMs,
      signal,
      () => telling(() => one.reconcile()),
      {
        turned: watchdog.part("the NAT reconcile", LOOK_LIMIT_MS),
        wakeup,
      },
    ),
    every(HEAR_AGAIN_MS, signal, follow),
  ]);
}

// What was changed back once may be changed again: who looks at the journal finds it there once.
async function tellingRepairs(view: View, one: NatReconciler, act: () => Promise<void>): Promise<void> {
  const { repairs } = one;
  await act();
  if (one.repairs > repairs) view.warn("router repairs", `router: changed back: ${one.lastRepair?.what}`);
  const { returning } = one;
  if (returning) view.warn("returning drift", `router: changed again and again: ${returning.what}; see nat status`);
}

/** Reconciles the kernel with the state the router wants; decides nothing about that state. */
export class NatReconciler {
  readonly #world: World;
  readonly #router: RouterDocument;
  #state: RouterState = HOME_ONLY;
  #good: string | undefined;
  /** What iptables-save last printed after a full reconcile. */
  #dump: string | undefined;
  /** What else others may change, as it was when nothing was to be done; undefined while something is. */
  #outline: string | undefined;
  #outlinedAt = Number.NEGATIVE_INFINITY;
  #watched: Watched = { sysctls: [], devices: [] };
  /** The switches as they were after the last look; undefined where only a plan may write them. */
  #switches: Readonly<Record<string, string>> | undefined;
  #putting: Promise<void> | undefined;
  #isSwitchTold = false;
  #isHearing = false;
  #isTold = false;
  #isLooking = false;
  #reconciledAt = Number.NEGATIVE_INFINITY;
  #work: Promise<void> = Promise.resolve();
  readonly #drift = new ReturningDrift();
  #writers: readonly string[] = [];
  #watchedAt = Number.NEGATIVE_INFINITY;
  #waitUntil = Number.NEGATIVE_INFINITY;
  repairs = 0;
  /** What was repaired last: the steps with their reasons, which say what somebody had done. */
  lastRepair: { readonly what: string; readonly at: string } | undefined;

  /** What somebody changes again and again, and which programs were seen at it; undefined while nobody does. */
  get returning(): (Returning & { readonly by: readonly string[] }) | undefined {
    const found = this.#drift.returning(this.#world.clock.now());
    if (found === undefined) this.#writers = [];
    return found && { ...found, by: this.#writers };
  }

  constructor(world: World, router: RouterDocument) {
    this.#world = world;
    this.#router = router;
  }

  get state(): RouterState {
    return this.#state;
  }

  /** Until the next look: what the kernel told of is looked at soon, what it never tells of now and then. */
  get pauseMs(): number {
    if (this.#isTold) return Math.max(TOLD_MS, this.#waitUntil - this.#world.clock.now());
    return this.#isHearing ? HEARING_MS : DEAF_MS;
  }

  /** From now on every change is told, or none is. */
  hear(isHearing: boolean): void {
    this.#isHearing = isHearing;
    this.#isTold = true;
  }

  /** Somebody changed something, perhaps this reconciler; true where a look is to come before the pause is over. */
  async told(change: NetworkChange): Promise<boolean> {
    if (change === "switch" && this.#switches !== undefined) {
      this.#isSwitchTold = true;
      await (this.#putting ??= this.#putSwitchesBack().finally(() => (this.#putting = undefined)));
      return false;
    }
    const isNew = !this.#isTold && !this.#isLooking;
    this.#isTold = true;
    return isNew;
  }

  /**
   * Forwarding that another program switches off is back before its next packet: a plan takes too long for somebody who
   * does that again and again. Only where all is as it should be otherwise, and a barrier stands whatever the rules do.
   */
  async #putSwitchesBack(): Promise<void> {
    const { clock, sysctl } = this.#world;
    while (this.#isSwitchTold && this.#switches !== undefined) {
      this.#isSwitchTold = false;
      const good = this.#switches;
      const found = await sysctl.read(Object.keys(good));
      const changed = [...found].filter(([name, { value }]) => value !== good[name]).map(([name]) => name);
      // A look at everything has ended meanwhile: it knows better.
      if (good !== this.#switches || changed.length === 0) continue;
      for (const name of changed) await sysctl.write(name, good[name] ?? "");
      this.#countSwitches(changed.map((name) => `set ${name}=${good[name]}`));
      await clock.sleep(SWITCH_MS);
    }
  }

  #countSwitches(names: readonly string[]): void {
    this.repairs += 1;
    this.#drift.switched(names, this.#world.clock.now());
    const what = `${names.join("; ")} (another program wrote it)`;
    this.lastRepair = { what, at: this.#world.clock.date().toISOString() };
  }

  async start(): Promise<void> {
    this.#state = await readState(this.#world);
    await this.#queue(async () => void (await this.#applyPlan()));
  }

  /** The new state is in the kernel when this returns. */
  async setState(change: Partial<RouterState>): Promise<void> {
    await this.#queue(async () => {
      this.#switches = undefined;
      this.#state = { ...this.#state, ...change };
      await this.#world.files.write(ROUTER_STATE_PATH, JSON.stringify(this.#state));
      if (!(await this.#applyRulesOnly())) await this.#applyPlan();
    });
  }

  /**
   * The rules alone, in one restore made from the last dump: a zone that changes hands waits for this. The next look
   * is at everything again; where the kernel refuses, for somebody changed the rules since, that pass comes at once.
   */
  async #applyRulesOnly(): Promise<boolean> {
    if (this.#dump === undefined) return false;
    const dump = this.#dump;
    this.#dump = undefined;
    try {
      for (const operation of this.#planRules(dump)) await execute(this.#world, operation);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return false;
    }
    this.#reconciledAt = Number.NEGATIVE_INFINITY;
    return true;
  }

  /** Puts right what somebody else changed; the usual pass is one iptables-save, a full one looks at everything. */
  async reconcile(isWhole = false): Promise<void> {
    if (!isWhole && this.#world.clock.now() < this.#waitUntil) return;
    this.#isLooking = true;
    await this.#queue(() => this.#look(isWhole)).finally(() => (this.#isLooking = false));
  }

  async #look(isWhole: boolean): Promise<void> {
    if (this.#isTold) this.#outlinedAt = Number.NEGATIVE_INFINITY;
    this.#isTold = false;
    const isDue = isWhole || this.#world.clock.now() - this.#reconciledAt > FULL_RECONCILE_MS;
    const isSame = async () =>
      withoutCounters(await this.#world.iptables.save("ipv4")) === this.#good && (await this.#isOutlineSame());
    if (!isDue && this.#good !== undefined && (await isSame())) return this.#drift.clean();
    const done = await this.#applyPlan();
    if (done.length === 0) return this.#drift.clean();
    this.#count(done);
    const what = done.map(({ name, why }) => `${name} (${why})`).join("; ");
    this.lastRepair = { what, at: this.#world.clock.date().toISOString() };
  }

  #count(done: readonly NatOperation[]): void {
    const now = this.#world.clock.now();
    this.repairs += 1;
    this.#drift.repaired(
      done.map(({ name }) => name),
      now,
    );
    this.#waitUntil = now + this.#drift.pauseMs;
    if (this.#drift.pauseMs < WATCH_SECONDS * 1_000 || now - this.#watchedAt < WATCH_AGAIN_MS) return;
    this.#watchedAt = now;
    void this.#watchWriters();
  }

  // While it waits it writes nothing itself: whoever does is the one that undoes its work.
  async #watchWriters(): Promise<void> {
    const writers = await this.#world.iptables.writers(WATCH_SECONDS);
    if (writers.length > 0) this.#writers = writers;
  }

  #applyPlan(): Promise<readonly NatOperation[]> {
    return withNatLock(this.#world, () => this.#applyPlanLocked());
  }

  async #applyPlanLocked(): Promise<readonly NatOperation[]> {
    const before = await this.#readOutline();
    const observed = await observe(this.#world, this.#router);
    const { operations } = planNat(this.#router, this.#state, observed);
    const devices = [...(observed.barriers?.keys() ?? [])];
    this.#watched = { sysctls: sysctlNames(this.#router, observed), devices };
    for (const operation of operations) await execute(this.#world, operation);
    const dump = await this.#world.iptables.save("ipv4");
    // Somebody may have changed a rule since it was observed: what does not stand is not what later dumps are held to.
    const stands = this.#planRules(dump).length === 0;
    this.#dump = stands ? dump : undefined;
    this.#good = stands ? withoutCounters(dump) : undefined;
    // What was done is in no outline yet: the next pass is a full one.
    this.#outline = operations.length === 0 ? before : undefined;
    this.#switches = stands && devices.length > 0 ? switchesOf(observed.sysctls, operations) : undefined;
    this.#reconciledAt = this.#world.clock.now();
    return operations;
  }

  async #isOutlineSame(): Promise<boolean> {
    if (this.#world.clock.now() - this.#outlinedAt < OUTLINE_MS) return true;
    if (this.#switches !== undefined) await this.told("switch");
    return (await this.#readOutline()) === this.#outline;
  }

  async #readOutline(): Promise<string> {
    const { links, barriers, sysctl } = this.#world;
    const { sysctls, devices } = this.#watched;
    this.#outlinedAt = this.#world.clock.now();
    const [ip, tc, values] = await Promise.all([links.outline(), barriers.outline(devices), sysctl.read(sysctls)]);
    // Switches that are put back by themselves are no reason for a plan.
    const told = [...values].filter(([name]) => this.#switches?.[name] === undefined);
    return [ip, tc, ...told.map(([name, { value }]) => `${name}=${value}`)].join("\n");
  }

  #planRules(dump: string | undefined) {
    return planRules("ipv4", ownTables(natConfig(this.#router, this.#state), "ipv4"), parseSaved(dump ?? ""));
  }

  // One at a time: two plans made from one observation would undo each other.
  #queue(task: () => Promise<void>): Promise<void> {
    const next = this.#work.catch(() => undefined).then(task);
    this.#work = next;
    return next;
  }
}

interface Watched {
  readonly sysctls: readonly string[];
  readonly devices: readonly string[];
}

/** What the plan found good, and what it wrote. */
function switchesOf(found: Sysctls, operations: readonly NatOperation[]): Record<string, string> {
  const written = operations.flatMap((each) => (each.kind === "sysctl" ? [[each.sysctl, each.value] as const] : []));
  const good = [...found].flatMap(([name, { value, writable }]) => (writable ? [[name, value] as const] : []));
  return Object.fromEntries([...good, ...written].filter(([name]) => SWITCH.test(name)));
}

/** What the kernel tells of; forwarding as a whole comes first, for it sets that of every interface. */
const SWITCH = /^net\.ipv4\.(?:ip_forward|conf\..+\.(?:forwarding|rp_filter))$/;

// Counters and the time of the dump change by themselves.
const withoutCounters = (dump: string | undefined): string | undefined => dump?.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");
