/**
 * Docker's stream of a container without a terminal: frames of an 8-byte header (stream number, three zeros,
 * big-endian length) and their bytes. Keeps a header at most, however long a frame says it is.
 */
export function demultiplexer(onBytes: (stream: "stdout" | "stderr", bytes: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headed = 0;
  let left = 0;
  return (chunk) => {
    for (let rest = chunk; rest.length > 0; ) {
      if (headed < HEADER_BYTES) {
        const taken = rest.copy(header, headed, 0, HEADER_BYTES - headed);
        headed += taken;
        rest = rest.subarray(taken);
        if (headed === HEADER_BYTES) left = header.readUInt32BE(4);
      } else {
        onBytes(header[0] === 2 ? "stderr" : "stdout", rest.subarray(0, left));
        const taken = Math.min(left, rest.length);
        left -= taken;
        rest = rest.subarray(taken);
      }
      if (headed === HEADER_BYTES && left === 0) headed = 0;
    }
  };
}

const HEADER_BYTES = 8;
const MAX_LINE = 64 * 1024;

/** Gives whole lines of a stream of bytes, a very long one in parts; `end` gives the last that no newline ended. */
export function lineSplitter(onLine: (line: string) => void): { write: (bytes: Buffer) => void; end: () => void } {
  const decoder = new TextDecoder();
  let held = "";
  return {
    write: (bytes) => {
      const lines = (held + decoder.decode(bytes, { stream: true })).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
      if (held.length < MAX_LINE) return;
      onLine(held);
      held = "";
    },
    end: () => {
      const last = held + decoder.decode();
      if (last !== "") onLine(last);
      held = "";
    },
  };
}
