import { readFileSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { schemaAnswer } from "./protobuf.ts";
import type { Attributes } from "./schema.ts";

// A Terraform provider that knows its schema and nothing else: enough to validate a configuration and to mock it.
// Handshake and services: hashicorp/go-plugin, and tfplugin6.proto of hashicorp/terraform.

const UNIMPLEMENTED = "12";
const recorded = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as { resources: Record<string, Attributes> };
const NOTHING = Buffer.alloc(0);

const ANSWERS: Readonly<Record<string, () => Buffer>> = {
  "/tfplugin6.Provider/GetProviderSchema": () => schemaAnswer(recorded.resources),
  "/tfplugin6.Provider/ValidateProviderConfig": () => NOTHING,
  "/tfplugin6.Provider/ValidateResourceConfig": () => NOTHING,
  "/tfplugin6.Provider/StopProvider": () => NOTHING,
  "/plugin.GRPCController/Shutdown": () => {
    setImmediate(() => process.exit(0));
    return NOTHING;
  },
};

const server = createServer();
server.on("stream", (stream: ServerHttp2Stream, headers) => {
  const answer = ANSWERS[headers[":path"] ?? ""];
  stream.resume();
  if (answer) send(stream, answer());
  else
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": UNIMPLEMENTED },
      { endStream: true },
    );
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`1|6|tcp|127.0.0.1:${(server.address() as AddressInfo).port}|grpc\n`);
});

function send(stream: ServerHttp2Stream, message: Buffer): void {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([frame, message]));
}
