import { createInterface } from "node:readline/promises";
import { UsageError } from "../../node-agent/src/base/errors.ts";

interface Question {
  /** What is typed where nobody can be asked. */
  readonly command: string;
  /** What refuses there. */
  readonly what: string;
  readonly question: string;
}

/** Whether the person at the terminal says yes. */
export async function confirm({ command, what, question }: Question): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError(what, {
      code: "usage.confirm",
      why: "nobody can answer here: standard input is no terminal",
      fix: `say it with the command: sudo ./greenleaf ${command}`,
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
