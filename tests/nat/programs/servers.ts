// The internet's servers: 7 echoes (TCP, UDP), 8 tells who asks (TCP, UDP), 9 pushes a line every 50 ms, 10 sends a megabyte, 443 answers.
import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";

function tcp(port: number, serve: (socket: Socket) => void): void {
  createServer((socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  }).listen({ port, host: "0.0.0.0", backlog: 4096 });
}

tcp(7, (socket) => {
  socket.pipe(socket);
});
tcp(8, (socket) => {
  socket.end(socket.remoteAddress ?? "");
});
tcp(9, (socket) => {
  const timer = setInterval(() => socket.write("."), 50);
  socket.on("close", () => clearInterval(timer));
});
tcp(10, (socket) => {
  socket.end(Buffer.alloc(1_000_000, "x"));
});
tcp(443, (socket) => {
  socket.resume();
});
for (const port of [7, 8]) {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) =>
    socket.send(port === 7 ? message : Buffer.from(from.address), from.port, from.address),
  );
  socket.bind(port);
}
process.stdout.write("ready\n");
