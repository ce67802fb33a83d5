#!/usr/bin/env node
import { run } from "./cli/run.ts";
import { realWorld } from "./world.ts";

// A reader such as `head` may leave before the end; what it did not want is nobody's failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await run({
  argv: process.argv.slice(2),
  stdout: (text) => process.stdout.write(`${text}\n`),
  stderr: (text) => process.stderr.write(`${text}\n`),
  colour: process.stderr.isTTY && !process.env.NO_COLOR,
  stdoutColour: process.stdout.isTTY && !process.env.NO_COLOR,
  newWorld: realWorld,
});
