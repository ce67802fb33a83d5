import type { Readable } from "node:stream";

/** More than a right answer can hold; what comes after it is not read. */
export class AnswerTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`an answer of more than ${sizeText(maxBytes)}`);
    this.name = "AnswerTooLarge";
  }
}

const KB = 1024;

/** Most bytes of an answer, by what is asked. */
export const MAX_BYTES = {
  /** The largest document of IMDS has some 16 KB. */
  metadata: 64 * KB,
  api: 8 * KB * KB,
  archive: 64 * KB * KB,
} as const;

/** Collects what comes in pieces and refuses more than `maxBytes` of it, before memory is taken for the rest. */
export class BoundedBytes {
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Throws AnswerTooLarge. */
  add(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.#maxBytes) throw new AnswerTooLarge(this.#maxBytes);
    this.#pieces.push(piece);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Reads a stream to its end; one that holds more is destroyed and rejects. */
export function readBounded(stream: Readable, maxBytes: number): Promise<Buffer> {
  const bytes = new BoundedBytes(maxBytes);
  return new Promise((resolve, reject) => {
    stream.on("data", (piece: Buffer) => {
      try {
        bytes.add(piece);
      } catch (error) {
        reject(error);
        stream.destroy();
      }
    });
    stream.on("error", reject);
    stream.on("end", () => resolve(bytes.bytes()));
  });
}

/** Reads what `fetch` answered; of an answer that holds more the rest is not read. Throws AnswerTooLarge. */
export async function boundedAnswer(answer: Response, maxBytes: number): Promise<Buffer> {
  const bytes = new BoundedBytes(maxBytes);
  // Leaving the loop early cancels the body.
  for await (const piece of answer.body ?? []) bytes.add(Buffer.from(piece));
  return bytes.bytes();
}

const sizeText = (bytes: number): string =>
  bytes >= KB * KB ? `${Math.round(bytes / (KB * KB))} MB` : `${Math.round(bytes / KB)} KB`;
