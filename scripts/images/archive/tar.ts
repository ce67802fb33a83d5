/** Reads and writes the tar that container engines write: ustar headers with PAX records. */

const BLOCK = 512;
const END = Buffer.alloc(2 * BLOCK);

export interface TarEntry {
  /** The 512 bytes as they were read. */
  readonly header: Buffer;
  /** PAX records of this entry alone, in the order they came. */
  readonly records: ReadonlyMap<string, string>;
  readonly name: string;
  /** "0" file, "1" hard link, "2" symbolic link, "5" folder ... */
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly link: string;
  /** The content; may be left unread. */
  body(): AsyncGenerator<Buffer>;
}

/** Entries in order. Each entry's body has to be read before the next entry is asked for, or it is skipped. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(source);
  let records = new Map<string, string>();
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) return reader.drain();
    const size = numberAt(header, 124, 12);
    const type = String.fromCharCode(header[156] || 0x30);
    if (type === "x") {
      records = parseRecords(await collect(reader.stream(size)));
      await reader.skip(padding(size));
      continue;
    }
    const body = new Body(reader, size);
    yield entryOf({ header, records, size, type, body });
    await body.finish();
    records = new Map();
  }
}

/** The bytes of one entry with these fields changed; the body is taken from the entry itself. */
export async function* writeEntry(
  entry: TarEntry,
  change: { mtime: number; records: ReadonlyMap<string, string> },
): AsyncGenerator<Buffer> {
  if (change.records.size > 0) yield recordsBlock(change.records);
  const header = Buffer.from(entry.header);
  writeOctal(header, 136, 12, change.mtime);
  // Owner and group are numbers; their names are those of the machine that wrote the archive.
  header.fill(0, 265, 329);
  yield sealed(header);
  yield* entry.body();
  yield Buffer.alloc(padding(entry.size));
}

export const endOfTar = (): Buffer => END;

export async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

class BlockReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes, or undefined at a clean end. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#held.length < length) {
      const next = await this.#source.next();
      if (next.done) {
        if (this.#held.length === 0) return undefined;
        throw new Error("the archive ends inside an entry");
      }
      this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    }
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async *stream(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      if (this.#held.length === 0) {
        const next = await this.#source.next();
        if (next.done) throw new Error("the archive ends inside an entry");
        this.#held = next.value;
      }
      const chunk = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.stream(length));
  }

  async drain(): Promise<void> {
    while (!(await this.#source.next()).done);
  }
}

class Body {
  readonly #reader: BlockReader;
  readonly #size: number;
  #read = 0;

  constructor(reader: BlockReader, size: number) {
    this.#reader = reader;
    this.#size = size;
  }

  async *stream(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#reader.stream(this.#size - this.#read)) {
      this.#read += chunk.length;
      yield chunk;
    }
  }

  async finish(): Promise<void> {
    await this.#reader.skip(this.#size - this.#read + padding(this.#size));
  }
}

interface Parsed {
  header: Buffer;
  records: ReadonlyMap<string, string>;
  size: number;
  type: string;
  body: Body;
}

function entryOf({ header, records, size, type, body }: Parsed): TarEntry {
  const prefix = textAt(header, 345, 155);
  const plain = textAt(header, 0, 100);
  return {
    header: Buffer.from(header),
    records,
    name: records.get("path") ?? (prefix ? `${prefix}/${plain}` : plain),
    type,
    size,
    mode: numberAt(header, 100, 8),
    uid: numberAt(header, 108, 8),
    link: records.get("linkpath") ?? textAt(header, 157, 100),
    body: () => body.stream(),
  };
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

function textAt(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
}

function numberAt(header: Buffer, offset: number, length: number): number {
  // GNU's base-256 form, for what does not fit into octal digits.
  if ((header[offset] ?? 0) & 0x80) return Number(header.readBigUInt64BE(offset + length - 8));
  return Number.parseInt(textAt(header, offset, length).trim() || "0", 8);
}

function writeOctal(header: Buffer, offset: number, length: number, value: number): void {
  header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "latin1");
}

/** The header with its checksum: the sum of its bytes, the checksum field counted as spaces. */
function sealed(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** PAX body: lines of "LENGTH KEY=VALUE\n", the length counting itself, in bytes. */
function parseRecords(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.subarray(at, space).toString());
    if (!(length > 0)) throw new Error("a PAX record has no length");
    const line = body.subarray(space + 1, at + length - 1);
    const equals = line.indexOf(0x3d);
    // latin1 keeps every byte: extended attributes are not text.
    records.set(line.subarray(0, equals).toString("latin1"), line.subarray(equals + 1).toString("latin1"));
    at += length;
  }
  return records;
}

function recordsBlock(records: ReadonlyMap<string, string>): Buffer {
  const body = Buffer.from([...records].map(([key, value]) => recordLine(key, value)).join(""), "latin1");
  const header = Buffer.alloc(BLOCK);
  header.write("PaxHeaders.0/entry", 0, "latin1");
  for (const [offset, length, value] of [
    [100, 8, 0o644],
    [108, 8, 0],
    [116, 8, 0],
    [124, 12, body.length],
    [136, 12, 0],
  ] as const) {
    writeOctal(header, offset, length, value);
  }
  header.write("x", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  return Buffer.concat([sealed(header), body, Buffer.alloc(padding(body.length))]);
}

function recordLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
