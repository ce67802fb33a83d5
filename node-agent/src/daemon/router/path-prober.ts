import { proofOf } from "../../core/router/nat/quorum.ts";
import type { World } from "../../world.ts";

/** After so many failed rounds in a row there is no doubt any more. */
const DOUBTFUL_ROUNDS = 10;
/** What breaks again and again is not fixed by fixing it. */
const MAX_EXCUSED = 3;

/** One path watched by rounds of probes: its own way out, or the way through the other router. */
export class PathProber {
  readonly #world: World;
  readonly #source: string;
  readonly #targets: () => readonly string[];
  /** When the targets were last seen alive by another way; a round that fails then is this path's own failure. */
  readonly #witness: (() => number) | undefined;
  #failed = 0;
  #excused = 0;
  #provenSince: number | undefined;
  #why: string | undefined = "not tried yet";
  #ms = 0;
  #triedAt: number | undefined;
  #goodAt = Number.NEGATIVE_INFINITY;
  /** When the last failed round began. */
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Rounds that began before say nothing: a later one was good, or the path has become another. */
  #countsFrom = Number.NEGATIVE_INFINITY;
  #onDoubt: () => void = () => undefined;

  constructor(world: World, source: string, targets: () => readonly string[], witness?: () => number) {
    this.#world = world;
    this.#source = source;
    this.#targets = targets;
    this.#witness = witness;
  }

  /** When the last good round began. */
  get goodAt(): number {
    return this.#goodAt;
  }

  /** Milliseconds since the last round ended; undefined before the first. */
  get ageMs(): number | undefined {
    return this.#triedAt === undefined ? undefined : this.#world.clock.now() - this.#triedAt;
  }

  /** Milliseconds since the last good round began: what was good then may be broken since. */
  get msSinceSuccess(): number {
    return this.#world.clock.now() - this.#goodAt;
  }

  /** True when the next failed round ends the proof. */
  get isLastChance(): boolean {
    return this.#failed - this.#excused === 1;
  }

  /** The last failed round had a reason that was fixed meanwhile: the next one counts as the first. */
  excuse(): void {
    this.#excused = Math.min(this.#excused + 1, MAX_EXCUSED);
  }

  /** Calls after every round that failed, and after the good one that ends the doubt. */
  onDoubt(tell: () => void): void {
    this.#onDoubt = tell;
  }

  /** Milliseconds since the last failed round began. */
  get msSinceFailure(): number {
    return this.#world.clock.now() - this.#failedAt;
  }

  /** Rounds that failed since the last good one. */
  get failedRounds(): number {
    return this.#failed;
  }

  get why(): string | undefined {
    return this.#why;
  }

  /** Of the last good round's fastest answer. */
  get ms(): number {
    return this.#ms;
  }

  provenForMs(): number {
    return this.#provenSince === undefined ? 0 : this.#world.clock.now() - this.#provenSince;
  }

  get isProven(): boolean {
    return this.#provenSince !== undefined;
  }

  /** What was found of the path counts no more, nor what rounds under way will find. */
  forget(): void {
    this.#failed = 0;
    this.#excused = 0;
    this.#countsFrom = this.#world.clock.now();
  }

  /** True while a verdict is being looked for: then rounds follow one another closely. */
  get isInDoubt(): boolean {
    return this.#failed < DOUBTFUL_ROUNDS && (this.#provenSince === undefined || this.#failed > 0);
  }

  /** Rounds may overlap: each has its whole time, and two of them need not last twice as long. */
  async round(timeoutMs: number): Promise<void> {
    const began = this.#world.clock.now();
    const seenAlive = this.#witness?.() ?? began;
    const answers = await Promise.all(
      this.#targets().map((target) => this.#world.probe(target, this.#source, timeoutMs)),
    );
    this.#triedAt = this.#world.clock.now();
    if (began < this.#countsFrom) return;
    const proof = proofOf(answers);
    this.#why = proof.isProven ? undefined : proof.why;
    if (!proof.isProven) return this.#fail(began, seenAlive);
    if (this.#failed > 0 || this.#provenSince === undefined) this.#onDoubt();
    this.#failed = 0;
    this.#excused = 0;
    this.#goodAt = began;
    this.#countsFrom = began;
    this.#provenSince ??= this.#triedAt;
    this.#ms = Math.min(...answers.flatMap(({ error, ms }) => (error === undefined ? [ms] : [])));
  }

  // Two rounds between which nobody saw the targets alive are one: a moment without targets fails both.
  #fail(began: number, seenAlive: number): void {
    if (this.#failed > 0 && seenAlive <= this.#failedAt) return;
    this.#failed += 1;
    this.#failedAt = began;
    // One lost round is no proof of the opposite.
    if (this.#failed - this.#excused > 1) this.#provenSince = undefined;
    this.#onDoubt();
  }
}
