// One UDP flow that asks every 10 ms: `udp-gap.ts HOST`. A line on stdin asks for the longest silence so far, in ms; `zero` forgets it.
import { createSocket } from "node:dgram";

const [host = ""] = process.argv.slice(2);
const socket = createSocket("udp4");
let last = 0;
let longest = 0;
socket.on("message", () => {
  const now = performance.now();
  if (last === 0) process.stdout.write("ready\n");
  else longest = Math.max(longest, now - last);
  last = now;
});
socket.on("error", () => undefined);
setInterval(() => socket.send("x", 7, host, () => undefined), 10);
process.stdin.on("data", (line) => {
  process.stdout.write(`${Math.round(Math.max(longest, performance.now() - last))}\n`);
  if (line.toString().startsWith("zero")) longest = 0;
});
