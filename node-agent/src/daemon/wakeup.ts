/** A pause that can be ended from outside: what happens on the machine must not wait for the next look. */
export class Wakeup {
  #isRung = false;
  #wake: (() => void) | undefined;

  notify(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Ends after `ms`, at the signal, or when it rings; at once when it rang since the last pause. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) await this.#silence(ms, signal);
    this.#isRung = false;
  }

  #silence(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
