// One question each: `ask.ts tcp|udp HOST PORT [FROM]` prints the whole answer, or fails within 3 s.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const [protocol = "tcp", host = "", port = "8", from] = process.argv.slice(2);
const give = (text: string, code = 0) => {
  process.stdout.write(text);
  process.exit(code);
};
setTimeout(() => give("no answer", 1), 3_000);
if (protocol === "udp") {
  const socket = createSocket("udp4");
  socket.on("message", (message) => give(message.toString()));
  socket.send("who", Number(port), host);
} else {
  const socket = connect({ host, port: Number(port), ...(from === undefined ? {} : { localAddress: from }) });
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("end", () => give(port === "10" ? String(text.length) : text));
  socket.on("error", (error: NodeJS.ErrnoException) => give(error.code ?? error.message, 1));
}
