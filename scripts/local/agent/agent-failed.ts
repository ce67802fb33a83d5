import { AgentError, type ExitCode } from "../../../node-agent/src/base/errors.ts";

const field = (text: string, name: string): string | undefined =>
  text.match(new RegExp(`^${name}:\\s*([\\s\\S]*?)(?=^(?:why|fix):|(?![\\s\\S]))`, "m"))?.[1]?.trimEnd();

/** What the agent said when it ended, told on as our own failure with its exit code. */
export class AgentFailed extends AgentError {
  readonly exitCode: ExitCode;

  constructor(args: readonly string[], code: number, failure: string) {
    super(field(failure, "error") ?? `greenleaf-agent ${args[0]} ended with code ${code}`, {
      code: "program.failed",
      why: field(failure, "why") ?? "it gave no reason",
      fix: field(failure, "fix") ?? "run ./greenleaf doctor",
    });
    this.exitCode = code as ExitCode;
  }
}
