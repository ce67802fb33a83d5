import { once } from "node:events";
import type Docker from "dockerode";
import type { OneOffResult } from "../core/engine.ts";
import { demultiplexer, lineSplitter } from "./docker-stream.ts";

/** Attaches before the start, so that not a line is lost, and follows the container to its end. */
export async function runOneOff(container: Docker.Container, onStderr: (line: string) => void): Promise<OneOffResult> {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const out: Buffer[] = [];
  const lines = lineSplitter(onStderr);
  const take = demultiplexer((name, bytes) => (name === "stdout" ? out.push(Buffer.from(bytes)) : lines.write(bytes)));
  stream.on("data", take);
  const ended = once(stream, "end");
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  await ended;
  lines.end();
  return { exitCode: StatusCode, stdout: Buffer.concat(out).toString("utf8") };
}
