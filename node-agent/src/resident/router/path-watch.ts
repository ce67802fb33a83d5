import { proofOf } from "../../core/nat/quorum.ts";
import type { World } from "../../world.ts";

/** After so many failed rounds in a row there is no doubt any more. */
const DOUBTFUL_ROUNDS = 10;

/** One path watched by rounds of probes: its own way out, or the way through the other router. */
export class PathWatch {
  readonly #world: World;
  readonly #source: string;
  readonly #targets: () => readonly string[];
  #failed = 0;
  #provenSince: number | undefined;
  #because: string | undefined = "not tried yet";
  #ms = 0;
  #triedAt: number | undefined;
  #goodAt: number | undefined;

  constructor(world: World, source: string, targets: () => readonly string[]) {
    this.#world = world;
    this.#source = source;
    this.#targets = targets;
  }

  /** Milliseconds since the last round ended; undefined before the first. */
  get ageMs(): number | undefined {
    return this.#triedAt === undefined ? undefined : this.#world.clock.now() - this.#triedAt;
  }

  /** Milliseconds since the last good round ended. */
  get goodAgoMs(): number {
    return this.#world.clock.now() - (this.#goodAt ?? Number.NEGATIVE_INFINITY);
  }

  /** Rounds that failed since the last good one. */
  get failedRounds(): number {
    return this.#failed;
  }

  get because(): string | undefined {
    return this.#because;
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

  /** The path is another one from now on: what was found of it counts no more. */
  forget(): void {
    this.#failed = 0;
  }

  /** True while a verdict is being looked for: then rounds follow one another closely. */
  get isInDoubt(): boolean {
    return this.#provenSince === undefined || (this.#failed > 0 && this.#failed < DOUBTFUL_ROUNDS);
  }

  async round(timeoutMs: number): Promise<void> {
    const answers = await Promise.all(
      this.#targets().map((target) => this.#world.probe(target, this.#source, timeoutMs)),
    );
    this.#triedAt = this.#world.clock.now();
    const proof = proofOf(answers);
    this.#because = proof.isProven ? undefined : proof.because;
    if (!proof.isProven) {
      this.#failed += 1;
      // One lost round is no proof of the opposite.
      if (this.#failed > 1) this.#provenSince = undefined;
      return;
    }
    this.#failed = 0;
    this.#goodAt = this.#triedAt;
    this.#provenSince ??= this.#world.clock.now();
    this.#ms = Math.min(...answers.flatMap(({ error, ms }) => (error === undefined ? [ms] : [])));
  }
}
