// Inside a namespace: takes TCP connections at an address and passes them on to a socket file, which any namespace can
// open. Each line on stdin is answered with the addresses that have connected so far.
import { createConnection, createServer } from "node:net";
import { createInterface } from "node:readline";

const [host, port, path = ""] = process.argv.slice(2);
const sources = new Set<string>();

createServer((socket) => {
  sources.add(socket.remoteAddress ?? "");
  const onward = createConnection(path);
  for (const [end, other] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    end.on("error", () => other.destroy()).pipe(other);
    end.on("close", () => other.destroy());
  }
}).listen(Number(port), host, () => process.stdout.write("ready\n"));
createInterface({ input: process.stdin }).on("line", () => process.stdout.write(`${JSON.stringify([...sources])}\n`));
