import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** PostgreSQL's protocol as far as one query over TLS needs it; answers from `recorded`. */
export interface FakePostgres {
  readonly port: number;
  /** Hashes the database records; undefined: the table does not exist. */
  recorded: () => readonly string[] | undefined;
  readonly queries: string[];
  close(): Promise<void>;
}

interface Options {
  key: string;
  cert: string;
  password: string;
}

export async function startFakePostgres({ key, cert, password }: Options): Promise<FakePostgres> {
  const fake = { port: 0, recorded: () => undefined as readonly string[] | undefined, queries: [] as string[] };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // SSLRequest is eight bytes; the answer S hands the connection over to TLS.
    socket.once("data", () => {
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, key, cert });
      secure.on("error", () => undefined);
      secure.once("data", () => serve(secure, fake, password));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake.port = (server.address() as AddressInfo).port;
  return Object.assign(fake, { close: () => new Promise<void>((resolve) => void server.close(() => resolve())) });
}

function message(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const ready = message("Z", Buffer.from("I"));
const error = (code: string, text: string): Buffer => message("E", Buffer.from(`SFATAL\0C${code}\0M${text}\0\0`));

function serve(socket: Socket, fake: Pick<FakePostgres, "recorded" | "queries">, password: string): void {
  socket.write(message("R", Buffer.from([0, 0, 0, 3])));
  let held = Buffer.alloc(0);
  let asked = "";
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 5 && held.length >= 1 + held.readUInt32BE(1)) {
      const [type, end] = [String.fromCharCode(held[0]!), 1 + held.readUInt32BE(1)];
      const body = held.subarray(5, end);
      held = held.subarray(end);
      if (type === "p") socket.write(body.toString().replace(/\0$/, "") === password ? welcome() : refused());
      if (type === "P") fake.queries.push(body.toString());
      if (type === "B") asked = body.toString();
      if (type === "S") socket.write(answer(fake.recorded(), asked));
      if (type === "X") socket.end();
    }
  });
}

const welcome = (): Buffer => Buffer.concat([message("R", Buffer.from([0, 0, 0, 0])), ready]);
const refused = (): Buffer => error("28P01", "password authentication failed");

function answer(recorded: readonly string[] | undefined, asked: string): Buffer {
  if (recorded === undefined) return Buffer.concat([error("42P01", "relation does not exist"), ready]);
  const found = recorded.some((hash) => asked.includes(hash));
  const column = Buffer.concat([
    Buffer.from("one\0"),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]),
  ]);
  const row = message("D", Buffer.from([0, 1, 0, 0, 0, 1, 0x31]));
  const fields = message("T", Buffer.concat([Buffer.from([0, 1]), column]));
  const rows = [message("1"), message("2"), fields, ...(found ? [row] : [])];
  return Buffer.concat([...rows, message("C", Buffer.from(`SELECT ${found ? 1 : 0}\0`)), ready]);
}
