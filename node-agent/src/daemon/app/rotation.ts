import { EXIT } from "../../base/errors.ts";
import { MAINTENANCE_PATH, REFUSED_VALUES_PATH, STATUS_PATH, WATCHED_VALUES_PATH } from "../../base/paths.ts";
import { done, type ProbeResult } from "../../base/wait.ts";
import type { DaemonNode } from "../../core/node/daemon-node.ts";
import { isDueAgain, parseRefused } from "../../core/node/refused-values.ts";
import { reasonToWait } from "../../core/node/repair.ts";
import { parseStatus } from "../../core/node/status/status.ts";
import { changedNames, parseWatched, type WatchedValues } from "../../core/node/watched-values.ts";
import type { World } from "../../world.ts";
import { logAgentError } from "../part.ts";
import type { View } from "./view.ts";

/** Seconds between two looks, when the node document says nothing else. */
const EVERY_SECONDS = 300;
const SHORTEST_SECONDS = 10;
/** The longest pause after looks that came to nothing. */
const LONGEST_MS = 3_600_000;
const ATTEMPT_MS = 5_000;
/** What one request may ask for. */
const PARAMETERS_PER_CALL = 10;

export interface RotationNeeds {
  readonly world: Pick<World, "clock" | "files" | "versions" | "random">;
  readonly view: View;
  readonly node: Pick<DaemonNode, "endpoints" | "rotation">;
  /** Runs `greenleaf-agent boot --values` to its end. */
  readonly boot: () => Promise<void>;
}

/** Sees that parameters or secrets changed, by their versions alone, and has a boot take them up. */
export class Rotation {
  readonly #needs: RotationNeeds;
  readonly #everyMs: number;
  #asked: ReturnType<World["versions"]> | undefined;
  #failures = 0;
  #nextAt: number | undefined;
  #underWay: Promise<void> | undefined;
  /** What a boot of ours was begun for that failed for a passing reason: it is begun again. */
  #owed: string | undefined;

  constructor(needs: RotationNeeds) {
    this.#needs = needs;
    this.#everyMs = everySeconds(needs.node) * 1_000;
  }

  /** After every look at the node; what it begins is not waited for. */
  async consider(): Promise<void> {
    const { clock, random } = this.#needs.world;
    // Nodes that came up together must not ask together.
    this.#nextAt ??= clock.now() + this.#everyMs * random();
    if (this.#underWay !== undefined || clock.now() < this.#nextAt) return;
    this.#underWay = this.#turn().finally(() => (this.#underWay = undefined));
  }

  async #turn(): Promise<void> {
    const { world, view } = this.#needs;
    const isWell = (await logAgentError(view, () => this.#look())) ?? false;
    this.#failures = isWell ? 0 : this.#failures + 1;
    const pauseMs = Math.min(this.#everyMs * 2 ** this.#failures, Math.max(LONGEST_MS, this.#everyMs));
    this.#nextAt = world.clock.now() + pauseMs * (0.75 + world.random() / 2);
  }

  /** False where it came to nothing: no answer, or a boot that did not take up what it was begun for. */
  async #look(): Promise<boolean> {
    const { world, view, boot } = this.#needs;
    const watched = parseWatched(await world.files.read(WATCHED_VALUES_PATH));
    if (watched === undefined || (await this.#mustWait())) return true;
    const why = this.#owed ?? (await this.#dueAgain()) ?? (await this.#changed(watched));
    if (typeof why !== "string") return why;
    view.note(`values: ${why}`);
    await boot();
    const after = parseStatus(await world.files.read(STATUS_PATH));
    const isPassing = after?.verdict === "failed" && after.reason?.exitCode === EXIT.temporary;
    this.#owed = isPassing ? why : undefined;
    return !isPassing && (await this.#dueAgain()) === undefined && this.#isTakenUp(watched, why);
  }

  async #mustWait(): Promise<boolean> {
    const { world, view } = this.#needs;
    const maintenance = await world.files.read(MAINTENANCE_PATH);
    const { status, draining } = view;
    // After a boot that failed for good nobody knows which values it should have.
    const isFailed = status?.verdict === "failed" && this.#owed === undefined;
    return isFailed || reasonToWait({ status, draining, maintenance }) !== undefined;
  }

  async #dueAgain(): Promise<string | undefined> {
    const { world, view } = this.#needs;
    if (view.status?.reason?.code !== "values.refused") return undefined;
    const refused = parseRefused(await world.files.read(REFUSED_VALUES_PATH));
    const isDue = refused !== undefined && isDueAgain(refused, world.clock.date());
    return isDue ? "those that were refused are tried again" : undefined;
  }

  /** What changed, in words; whether there was an answer at all where nothing did. */
  async #changed({ region, parameters, secrets }: WatchedValues): Promise<string | boolean> {
    const { world, view, node } = this.#needs;
    this.#asked ??= world.versions({ region, endpoints: node.endpoints });
    const now = await versionsNow(this.#asked, Object.keys(parameters), Object.keys(secrets));
    if (!now.done) {
      view.note(`values: AWS gave no answer about their versions: ${now.why}`);
      return false;
    }
    const changed = changedNames({ ...parameters, ...secrets }, now.value);
    return changed.length === 0 ? true : `${changed.join(", ")} changed`;
  }

  // A boot that did not come to ask AWS (another held the lock) has left the versions as they were.
  async #isTakenUp(before: WatchedValues, why: string): Promise<boolean> {
    if (!why.endsWith("changed")) return true;
    const now = parseWatched(await this.#needs.world.files.read(WATCHED_VALUES_PATH));
    return JSON.stringify(now) !== JSON.stringify(before);
  }
}

// The daemon reads a document that a boot has checked, or will.
function everySeconds({ rotation }: Pick<DaemonNode, "rotation">): number {
  const given = rotation?.everySeconds;
  return typeof given === "number" && given >= SHORTEST_SECONDS ? given : EVERY_SECONDS;
}

/** One request after another, each name in one of them; the first without an answer ends it. */
async function versionsNow(
  asked: ReturnType<World["versions"]>,
  parameters: readonly string[],
  secrets: readonly string[],
): Promise<ProbeResult<Readonly<Record<string, string>>>> {
  const found: Record<string, string> = {};
  for (let from = 0; from < parameters.length; from += PARAMETERS_PER_CALL) {
    const answer = await asked.parameters(parameters.slice(from, from + PARAMETERS_PER_CALL), ATTEMPT_MS);
    if (!answer.done) return answer;
    Object.assign(found, answer.value);
  }
  for (const id of secrets) {
    const answer = await asked.secret(id, ATTEMPT_MS);
    if (!answer.done) return answer;
    found[id] = answer.value;
  }
  return done(found);
}
