// Stands behind Caddy in place of backend, storefront and the S3 store: says what reached it, or hangs. Runs in greenleaf/node.
const { createServer } = require("node:http");

const TYPES = { html: "text/html", svg: "image/svg+xml", png: "image/png", js: "text/javascript" };

for (const [service, port] of Object.entries({ backend: 9000, storefront: 3000, aws: 4566 })) {
  let heard = 0;
  createServer((request, response) => {
    heard += 1;
    let bytes = 0;
    request.on("data", (chunk) => (bytes += chunk.length));
    request.on("end", () => {
      const { method, url, headers } = request;
      if (url.includes("hangs")) return;
      if (url.includes("closes")) return void request.socket.destroy();
      const type = TYPES[/\.(\w+)$/.exec(url)?.[1]] ?? "application/json";
      response.writeHead(url.includes("missing") ? 404 : 200, {
        "content-type": type,
        server: `${service}/1.0`,
        "x-powered-by": "Express",
        ...(service === "aws" ? { "x-amz-request-id": "1", "access-control-allow-origin": "*" } : {}),
      });
      response.end(JSON.stringify({ service, method, url, headers, bytes, heard }));
    });
  }).listen(port, "0.0.0.0");
}
