// A service as bad as one can be at being replaced: it takes a moment to start, and ends at once when it is told to.
const { createHash } = require("node:crypto");
const { createServer } = require("node:http");

const { NAME, VERSION = "one", MODE = "well", PORT } = process.env;
process.on("SIGTERM", () => process.exit(0));
if (MODE === "crash") {
  console.error("no database at", process.env.TOKEN);
  process.exit(3);
}

const isWell = () => MODE === "well" || MODE === "flaky" || (MODE === "late" && process.uptime() < 3);

// A stream says every quarter of a second who serves it.
const SAY_MS = 250;
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function sayOn(socket, write) {
  write(`${NAME} ${VERSION}`);
  const timer = setInterval(() => write(`${NAME} ${VERSION}`), SAY_MS);
  socket.on("close", () => clearInterval(timer));
}

// One request in twenty of the flaky one fails; its health is well.
let asked = 0;
const isFlawed = (url) => MODE === "flaky" && url !== "/health" && (asked += 1) % 20 === 0;

const server = createServer((request, response) => {
  if (request.url.endsWith("/events")) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    return sayOn(response, (text) => response.write(`data: ${text}\n\n`));
  }
  let bytes = 0;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => {
    const answer = () => {
      response.writeHead(isFlawed(request.url) ? 500 : isWell() ? 200 : 503, { "content-type": "text/plain" });
      response.end(`${NAME} ${VERSION} ${bytes}`);
    };
    // A request that is under way when its container is told to end would be lost.
    if (request.url.endsWith("/slow")) setTimeout(answer, 400);
    else answer();
  });
});
server.on("upgrade", (request, socket) => {
  const key = `${request.headers["sec-websocket-key"]}${HANDSHAKE}`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.on("error", () => socket.destroy()).resume();
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  // One frame of text, short and unmasked, as a server's are.
  sayOn(socket, (text) => socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])));
});
setTimeout(() => server.listen(Number(PORT)), 500);
