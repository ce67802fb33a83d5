/**
 * Docker's stream of a container without a terminal: frames of an 8-byte header (stream number, three zeros,
 * big-endian length) and their bytes.
 */
export function demultiplexer(onBytes: (stream: "stdout" | "stderr", bytes: Buffer) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 8) {
      const length = held.readUInt32BE(4);
      if (held.length < 8 + length) return;
      onBytes(held[0] === 2 ? "stderr" : "stdout", held.subarray(8, 8 + length));
      held = held.subarray(8 + length);
    }
  };
}

/** Gives whole lines of a stream of bytes; `end` gives the last one that no newline ended. */
export function lineSplitter(onLine: (line: string) => void): { write: (bytes: Buffer) => void; end: () => void } {
  const decoder = new TextDecoder();
  let held = "";
  return {
    write: (bytes) => {
      const lines = (held + decoder.decode(bytes, { stream: true })).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
    },
    end: () => {
      const last = held + decoder.decode();
      if (last !== "") onLine(last);
      held = "";
    },
  };
}
