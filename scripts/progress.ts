const TERMINAL = process.stderr.isTTY && !process.env.NO_COLOR;
const CLEAR_LINE = "\r\u001b[K";

/** Tells a person what runs and for how long: one live line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Runs one step; its detail shows what is going on inside it. */
  step<T>(title: string, run: (detail: (text: string) => void) => Promise<T>): Promise<T>;
}

export const progress: Progress = {
  async step(title, run) {
    const start = performance.now();
    const elapsed = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
    const live = liveLine(title, elapsed);
    try {
      const value = await run(live.detail);
      live.end(TERMINAL ? `\u001b[32m✓\u001b[0m ${title}  ${elapsed()}` : `done  ${title}  ${elapsed()}`);
      return value;
    } catch (error) {
      live.end(TERMINAL ? `\u001b[31m✗\u001b[0m ${title}  ${elapsed()}` : `fail  ${title}  ${elapsed()}`);
      throw error;
    }
  },
};

function liveLine(title: string, elapsed: () => string) {
  if (!TERMINAL) return plainLine(title);
  let last = "";
  const draw = () => {
    const room = Math.max(20, (process.stderr.columns ?? 80) - title.length - 14);
    process.stderr.write(`${CLEAR_LINE}• ${title}  ${elapsed()}  ${last.slice(0, room)}`);
  };
  const timer = setInterval(draw, 200);
  draw();
  return {
    detail: (text: string) => void (last = text),
    end: (line: string) => {
      clearInterval(timer);
      process.stderr.write(`${CLEAR_LINE}${line}\n`);
    },
  };
}

function plainLine(title: string) {
  process.stderr.write(`start ${title}\n`);
  return {
    detail: (text: string) => void process.stderr.write(`      ${text}\n`),
    end: (line: string) => void process.stderr.write(`${line}\n`),
  };
}
