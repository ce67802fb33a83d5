import { writeFileSync } from "node:fs";
import { type Encoded, encode } from "./encode.ts";

/** What the process of one picture answers its parent. */
export type Answer = Encoded | { unreadable: string };

/** Of one processor; a picture of 15 MB takes one to four. A busy machine may take longer over them. */
const MOST_CPU_SECONDS = 25;

// Where memory ends this process does, and not the shop.
try {
  writeFileSync("/proc/self/oom_score_adj", "1000");
} catch {
  // A kernel that lets nobody say so.
}

process.once("message", (bytes: Uint8Array) => {
  void answer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).then((said) =>
    process.send?.(said, undefined, {}, () => process.exit(0)),
  );
});
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (user + system > MOST_CPU_SECONDS * 1e6) process.exit(1);
}, 500);
// Nobody waits any more.
process.once("disconnect", () => process.exit(0));

async function answer(bytes: Buffer): Promise<Answer> {
  try {
    return await encode(bytes);
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}
