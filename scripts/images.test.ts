import { expect, test, vi } from "vitest";
import { commandNamed, parseCommandLine } from "../node-agent/src/base/cli/parse.ts";
import { OPERATOR } from "./cli/command.ts";
import { COMMANDS } from "./cli/commands.ts";
import { type BuildOptions, images } from "./images.ts";

/** What the builder is asked for by a command line, and what the command prints. */
async function asked(...argv: string[]) {
  const print = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  let options: BuildOptions = {};
  const line = parseCommandLine(OPERATOR, commandNamed(OPERATOR, COMMANDS, "images"), argv);
  const code = await images(line, async (given = {}) => {
    options = given;
    return { caddy: { id: "sha256:c0ffee", labels: {} } };
  });
  const printed = print.mock.calls.map(([text]) => String(text)).join("");
  print.mockRestore();
  const { log: _, ...rest } = options;
  return { code, printed, options: rest };
}

test.each([
  [[], { names: [], fresh: false, recorded: false }],
  [["--fresh"], { names: [], fresh: true, recorded: false }],
  [["backend", "caddy", "--recorded"], { names: ["backend", "caddy"], fresh: false, recorded: true }],
])("images %j asks the builder for no less and no more", async (argv, options) => {
  expect(await asked(...argv)).toEqual({ code: 0, printed: "greenleaf/caddy:local sha256:c0ffee\n", options });
});
