// A service as bad as one can be at being replaced: it takes a moment to start, and ends at once when it is told to.
const { createServer } = require("node:http");

const { NAME, VERSION = "one", MODE = "well", PORT } = process.env;
process.on("SIGTERM", () => process.exit(0));
if (MODE === "crash") {
  console.error("no database at", process.env.TOKEN);
  process.exit(3);
}

const isWell = () => MODE === "well" || (MODE === "late" && process.uptime() < 3);

const server = createServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => {
    const answer = () => {
      response.writeHead(isWell() ? 200 : 503, { "content-type": "text/plain" });
      response.end(`${NAME} ${VERSION} ${bytes}`);
    };
    // A request that is under way when its container is told to end would be lost.
    if (request.url.endsWith("/slow")) setTimeout(answer, 400);
    else answer();
  });
});
setTimeout(() => server.listen(Number(PORT)), 500);
