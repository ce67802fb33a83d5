import { createSocket } from "node:dgram";

export interface Resolver {
  close(): void;
}

/** The VPC's resolver, on port 53 of an address: A records of a few names, and nothing of any other. */
export async function startResolver(address: string, names: ReadonlyMap<string, string>): Promise<Resolver> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { address, port }) => socket.send(answerTo(query, names), port, address));
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject).bind(53, address, resolve);
  });
  return { close: () => void socket.close() };
}

const HEADER = 12;
const TYPE_A = 1;

// RFC 1035, 4.1: the question comes back, with an answer that points at its name.
function answerTo(query: Buffer, names: ReadonlyMap<string, string>): Buffer {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const address = names.get(labels.join(".").toLowerCase());
  const isGiven = address !== undefined && type === TYPE_A;
  const head = Buffer.alloc(HEADER);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isGiven ? 1 : 0, 6);
  const record = Buffer.from([
    0xc0,
    HEADER,
    0,
    TYPE_A,
    0,
    1,
    0,
    0,
    0,
    5,
    0,
    4,
    ...(address ?? "").split(".").map(Number),
  ]);
  return Buffer.concat([head, query.subarray(HEADER, at + 5), ...(isGiven ? [record] : [])]);
}
