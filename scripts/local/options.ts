import type { ParsedCommandLine } from "../../node-agent/src/base/cli/command-spec.ts";
import { textOf } from "../cli/command.ts";
import { type LocalWorld, localWorld } from "./world.ts";

/** The local world a command line speaks of. */
export function worldOf(line: ParsedCommandLine): LocalWorld {
  const given = ["port", "project", "listen"].flatMap((name) => {
    const value = textOf(line, name);
    return value === undefined ? [] : [[name, value]];
  });
  return localWorld(Object.fromEntries(given));
}
