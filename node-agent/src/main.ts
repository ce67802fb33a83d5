#!/usr/bin/env node
import { setTimeout as sleep } from "node:timers/promises";
import { installLastWords } from "./base/last-words.ts";
import { lastWordsOf } from "./cli/failure.ts";
import { run } from "./cli/run.ts";
import { realWorld } from "./world.ts";

// Nothing that is written depends on the shell this was started from: what others must not read says so itself.
process.umask(0o022);
const argv = process.argv.slice(2);
installLastWords((error) => lastWordsOf(argv, error));

const code = await run({
  argv,
  stdout: (text) => process.stdout.write(`${text}\n`),
  stderr: (text) => process.stderr.write(`${text}\n`),
  colour: process.stderr.isTTY && !process.env.NO_COLOR,
  stdoutColour: process.stdout.isTTY && !process.env.NO_COLOR,
  newWorld: realWorld,
});
process.exitCode = code;
// A socket or child that a part left open must not keep a process whose work has ended: systemd would never start it anew.
// One turn later: output that could not be written is told on the next tick, and is a failure.
setImmediate(() => process.stdout.write("", () => process.stderr.write("", () => void leave(code))));

// exit() waits for threads that hang in a file system; a signal does not.
async function leave(code: number): Promise<void> {
  const isReading = () => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
  for (let left = 20; left > 0 && isReading(); left -= 1) await sleep(100);
  if (isReading()) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}
