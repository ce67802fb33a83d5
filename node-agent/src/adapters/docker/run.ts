import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { BoundedBytes, MAX_BYTES } from "../../base/bounded-body.ts";
import type { OneOffResult } from "../../core/stack/engine.ts";
import { demultiplexer, lineSplitter } from "./stream.ts";

/** What is left in the stream of a container that has ended: a busy engine is late with it, and its last line is the answer. */
const GRACE_MS = 30_000;

/** Attaches before the start, so that not a line is lost, and follows the container to its end. */
export async function runOneOff(container: Docker.Container, onStderr: (line: string) => void): Promise<OneOffResult> {
  const stream = (await container.attach({ stream: true, stdout: true, stderr: true })) as unknown as Readable;
  const out = new BoundedBytes(MAX_BYTES.api);
  const lines = lineSplitter(onStderr);
  const followed = follow(
    stream,
    demultiplexer((name, bytes) => (name === "stdout" ? out.add(Buffer.from(bytes)) : lines.write(bytes))),
  );
  // Told by whoever waits for it; a start that fails leaves it alone.
  followed.catch(() => undefined);
  await container.start();
  const ended = container.wait() as Promise<{ StatusCode: number }>;
  const rest = ended.then(() => pause(GRACE_MS, undefined, { ref: false }));
  const [{ StatusCode }] = await Promise.all([ended, Promise.race([followed, rest])]);
  lines.end();
  return { exitCode: StatusCode, stdout: out.bytes().toString("utf8") };
}

async function follow(stream: Readable, take: (piece: Buffer) => void): Promise<void> {
  for await (const piece of stream) take(piece as Buffer);
}
