// Many UDP flows to one destination: `one-destination.ts FROM HOST PORT COUNT`; each has a source port of its own.
import { createSocket } from "node:dgram";

const [from = "", host = "", port = "", count = "1"] = process.argv.slice(2);
const TOGETHER = 200;

function send(sourcePort: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("error", () => resolve());
    socket.bind({ port: sourcePort, address: from, exclusive: true }, () => {
      socket.send("x", Number(port), host, () => {
        socket.close();
        resolve();
      });
    });
  });
}

for (let first = 0; first < Number(count); first += TOGETHER) {
  await Promise.all(
    Array.from({ length: Math.min(TOGETHER, Number(count) - first) }, (_, index) => send(10_000 + first + index)),
  );
}
