/** One row of the launcher's table. `load` keeps start-up short: only the chosen command's code is read. */
export interface OperatorCommand {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly load: () => Promise<{ main: (argv: readonly string[]) => Promise<number> }>;
}

export function isHelp(argv: readonly string[]): boolean {
  return argv.includes("--help") || argv.includes("-h");
}
