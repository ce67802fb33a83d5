// Tries TCP ports: `scan.ts HOST FROM COUNT`; anything but silence is an answer.
import { connect } from "node:net";

const [host = "", from = "1", count = "1"] = process.argv.slice(2);
let answered = 0;
for (let port = Number(from); port < Number(from) + Number(count); port += 1) {
  const socket = connect({ host, port });
  socket.on("connect", () => (answered += 1));
  socket.on("error", () => (answered += 1));
}
setTimeout(() => {
  process.stdout.write(JSON.stringify({ tried: Number(count), answered }));
  process.exit(0);
}, 2_000);
