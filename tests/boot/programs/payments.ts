// A payment provider in the internet: it takes a payment at an address, and tells who asked.
import { createServer } from "node:http";

const [host, port] = process.argv.slice(2);

createServer((request, response) => {
  request.resume();
  response.end(JSON.stringify({ paid: request.method === "POST", from: request.socket.remoteAddress }));
}).listen(Number(port), host, () => process.stdout.write("ready\n"));
