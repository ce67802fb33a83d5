// Live TCP flows: `flows.ts HOST COUNT talk|listen|wait EVERY_MS`. A line on stdin asks for the counts so far, as one JSON
// line; those that wait speak when it says so.
import { connect, type Socket } from "node:net";

const [host = "", count = "1", mode = "talk", every = "50"] = process.argv.slice(2);
const port = mode === "listen" ? 9 : 7;
const sockets: Socket[] = [];
let open = 0;
let resets = 0;
let ended = 0;
let received = 0;
let longestGapMs = 0;
const last = new Map<number, number>();

for (let index = 0; index < Number(count); index += 1) {
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  sockets.push(socket);
  socket.on("connect", () => {
    open += 1;
    last.set(index, performance.now());
    if (open === Number(count)) process.stdout.write("ready\n");
    if (mode !== "talk") return;
    const timer = setInterval(() => socket.write("x"), Number(every));
    socket.on("close", () => clearInterval(timer));
  });
  socket.on("data", () => {
    const now = performance.now();
    longestGapMs = Math.max(longestGapMs, now - (last.get(index) ?? now));
    last.set(index, now);
    received += 1;
  });
  socket.on("error", () => (resets += 1));
  socket.on("close", () => (ended += 1));
}

process.stdin.on("data", (line) => {
  if (line.toString().startsWith("speak")) for (const socket of sockets) socket.write("x");
  const now = performance.now();
  const silentMs = Math.max(0, ...[...last.values()].map((at) => now - at));
  const silent = [...last.values()].filter((at) => now - at > 2_000).length;
  const counts = {
    open,
    resets,
    ended,
    received,
    silent,
    silentMs: Math.round(silentMs),
    longestGapMs: Math.round(longestGapMs),
  };
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  if (line.toString().startsWith("zero")) longestGapMs = 0;
});
