import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Mutant } from "./mutants.ts";

export type Work =
  | { readonly record: readonly string[] }
  | { readonly mutant: Mutant; readonly tests: readonly string[] };

export interface RecordedTest {
  readonly file: string;
  readonly ms: number;
  /** `file:body` of every function it reached. */
  readonly hits: readonly string[];
}

export interface Verdict {
  readonly verdict: "killed" | "survived" | "timed out" | "recorded" | "broken";
  readonly why: string;
  readonly tests?: readonly RecordedTest[];
}

/** A test run that hangs, in a loop without an end, is ended from outside. */
const HANGS_MS = 90_000;

/** One process with one vitest, that judges one mutant after the other; a new one after one that hung. */
export class Judge {
  #process: ChildProcess | undefined;

  async ask(work: Work, withinMs = HANGS_MS): Promise<Verdict> {
    const child = (this.#process ??= start());
    return new Promise((resolve) => {
      const finish = (verdict: Verdict) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(verdict);
      };
      const timer = setTimeout(() => {
        this.close();
        finish({ verdict: "timed out", why: "the test run hung" });
      }, withinMs);
      child.once("message", (verdict) => finish(verdict as Verdict));
      child.once("exit", () => {
        this.#process = undefined;
        finish({ verdict: "killed", why: "the test run ended" });
      });
      child.send(work);
    });
  }

  /** Ends the process and those of its tests. */
  close(): void {
    const { pid } = this.#process ?? {};
    this.#process = undefined;
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }
}

const start = (): ChildProcess =>
  fork(join(import.meta.dirname, "judge-process.ts"), {
    // A group of its own, so that the workers of a run that hangs end with it.
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
