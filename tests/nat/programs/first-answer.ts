// Asks until somebody answers: `first-answer.ts HOST` prints the time (ms since 1970) of the first answer and ends.
import { createSocket } from "node:dgram";

const [host = ""] = process.argv.slice(2);
// A new socket now and then: a flow that began before the rules stood would stay without translation.
const ask = () => {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  socket.once("message", () => {
    process.stdout.write(`${Date.now()}\n`);
    process.exit(0);
  });
  socket.send("who", 8, host, () => undefined);
  setTimeout(() => socket.close(), 2_000);
};
process.stdout.write("ready\n");
setInterval(ask, 5);
