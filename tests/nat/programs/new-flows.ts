// New UDP flows: `new-flows.ts PER_SECOND SECONDS HOST...`; every packet has another destination port. Prints the number sent.
import { createSocket } from "node:dgram";

const [perSecond = "1000", seconds = "1", ...hosts] = process.argv.slice(2);
const TICK_MS = 5;
const perTick = (Number(perSecond) * TICK_MS) / 1000;
const socket = createSocket("udp4");
let sent = 0;
let due = 0;
const start = performance.now();
socket.bind(0, () => {
  process.stdout.write("ready\n");
  const timer = setInterval(() => {
    due = ((performance.now() - start) / TICK_MS) * perTick;
    for (; sent < due; sent += 1)
      socket.send("x", 1_024 + (sent % 64_000), hosts[Math.floor(sent / 64_000) % hosts.length]);
    if (performance.now() - start < Number(seconds) * 1000) return;
    clearInterval(timer);
    socket.close();
    process.stdout.write(`${sent}\n`);
  }, TICK_MS);
});
