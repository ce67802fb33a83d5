import { ipv4Number, ipv4Text } from "../../ipv4.ts";

/** Flows of one router made loadable by another: `conntrack -o save` lines in, `--load-file` lines out. */
export interface Translated {
  /** Seconds a flow lives without a packet. */
  readonly idleSeconds: number;
  /** Address the other router translates to; answers will come to it. */
  readonly address: string;
}

// A translated flow is written with -n, one that is not with -q.
const TUPLE =
  /^-([AUD]) .*?-s ([\d.]+) -d ([\d.]+) -r \S+ -n \S+ -p (tcp|udp) --sport (\d+) --dport (\d+) --reply-port-src (\d+) --reply-port-dst (\d+)/;

/** The address a flow of the save form is translated to. */
export const savedAddress = (line: string): string | undefined => / -n ([\d.]+) /.exec(line)?.[1];

/** Worth saving: a flow in which both sides have spoken and neither has ended it. */
const ALIVE = /-p tcp .*--state ESTABLISHED|-u \S*SEEN_REPLY.* -p udp /;

const SMALLEST = 1_024;
/** As many as a router may track twice over; what is beyond is not copied. */
const MOST = 262_144;

const EMPTY = 0;
const TCP = 1;
const UDP = 2;
const ENDED = 3;
/** When a flow was last told of: before the listing under way, in it, or by an event since it began. */
const OLD = 0;
const LISTED = 1;
const TOLD = 2;

/**
 * The living flows of one range, 18 bytes each whatever their number: text of a busy zone would be more than the unit
 * may have. A listing may be read while events come: of the two the event is the younger.
 */
export class FlowTable {
  #slots = SMALLEST;
  #used = 0;
  #columns = columnsOf(SMALLEST);

  /** A line of a listing: what an event has said since the listing began is not unsaid. */
  list(line: string): void {
    this.#read(line, LISTED);
  }

  /** A line of the events. */
  tell(line: string): void {
    this.#read(line, TOLD);
  }

  beginListing(): void {
    this.#columns.age.fill(OLD);
  }

  /** What neither the listing nor an event named since it began is gone. */
  endListing(): void {
    this.#rebuild(this.#slots, ({ age, kind }, at) => age[at] !== OLD && kind[at] !== ENDED);
  }

  /** TCP first: its flows are the dearest, and a table of this size takes a while to load. */
  *lines(translated: Translated): Generator<string> {
    yield* this.#linesOf(TCP, translated);
    yield* this.#linesOf(UDP, translated);
  }

  *#linesOf(wanted: number, { idleSeconds, address }: Translated): Generator<string> {
    const { kind, source, target, ports, reply } = this.#columns;
    const [protocol, state] = wanted === TCP ? ["tcp", " --state ESTABLISHED"] : ["udp", ""];
    // While these are loaded the table may grow into other columns.
    for (let at = 0; at < kind.length; at += 1) {
      if (kind[at] !== wanted) continue;
      const to = ipv4Text(target[at] ?? 0);
      const ends = `-s ${ipv4Text(source[at] ?? 0)} -d ${to} -r ${to} -n ${address} -p ${protocol}`;
      const [sport, dport] = halves(ports[at] ?? 0);
      const [replySport, replyDport] = halves(reply[at] ?? 0);
      yield `-A -t ${idleSeconds} -u SEEN_REPLY,ASSURED ${ends} --sport ${sport} --dport ${dport} --reply-port-src ${replySport} --reply-port-dst ${replyDport}${state}`;
    }
  }

  #read(line: string, age: number): void {
    const [, verb, source, target, protocol, sport, dport, replySport, replyDport] = TUPLE.exec(line) ?? [];
    if (source === undefined || target === undefined) return;
    this.#put({
      kind: verb === "D" || !ALIVE.test(line) ? ENDED : kindOf(protocol),
      protocol: kindOf(protocol),
      source: ipv4Number(source),
      target: ipv4Number(target),
      ports: pair(sport, dport),
      reply: pair(replySport, replyDport),
      age,
    });
  }

  #put(flow: Flow): void {
    const at = this.#find(flow);
    const { kind, protocol, source, target, ports, reply, age } = this.#columns;
    if (kind[at] === EMPTY) {
      if (this.#used >= MOST) return;
      this.#used += 1;
    } else if (flow.age === LISTED && age[at] === TOLD) return;
    kind[at] = flow.kind;
    protocol[at] = flow.protocol;
    source[at] = flow.source;
    target[at] = flow.target;
    ports[at] = flow.ports;
    reply[at] = flow.reply;
    age[at] = flow.age;
    if (this.#used * 2 > this.#slots) this.#rebuild(this.#slots * 2, () => true);
  }

  #find({ protocol, source, target, ports }: Omit<Flow, "kind" | "age" | "reply">): number {
    const columns = this.#columns;
    const mixed = Math.imul(source ^ Math.imul(target, 0x9e_37_79_b1) ^ ports, 0x85_eb_ca_6b) ^ protocol;
    let at = ((mixed ^ (mixed >>> 15)) >>> 0) % this.#slots;
    const isOther = () =>
      columns.source[at] !== source ||
      columns.ports[at] !== ports ||
      columns.target[at] !== target ||
      columns.protocol[at] !== protocol;
    while (columns.kind[at] !== EMPTY && isOther()) at = (at + 1) % this.#slots;
    return at;
  }

  #rebuild(slots: number, isKept: (columns: Columns, at: number) => boolean): void {
    const old = this.#columns;
    const count = this.#slots;
    this.#columns = columnsOf(slots);
    this.#slots = slots;
    this.#used = 0;
    for (let at = 0; at < count; at += 1) {
      if (old.kind[at] === EMPTY || !isKept(old, at)) continue;
      this.#put(flowAt(old, at));
    }
  }
}

interface Flow {
  readonly kind: number;
  readonly protocol: number;
  readonly source: number;
  readonly target: number;
  readonly ports: number;
  readonly reply: number;
  readonly age: number;
}

type Columns = ReturnType<typeof columnsOf>;

function columnsOf(slots: number) {
  return {
    source: new Uint32Array(slots),
    target: new Uint32Array(slots),
    ports: new Uint32Array(slots),
    reply: new Uint32Array(slots),
    kind: new Uint8Array(slots),
    protocol: new Uint8Array(slots),
    age: new Uint8Array(slots),
  };
}

function flowAt(columns: Columns, at: number): Flow {
  const { kind, protocol, source, target, ports, reply, age } = columns;
  return {
    kind: kind[at] ?? EMPTY,
    protocol: protocol[at] ?? 0,
    source: source[at] ?? 0,
    target: target[at] ?? 0,
    ports: ports[at] ?? 0,
    reply: reply[at] ?? 0,
    age: age[at] ?? OLD,
  };
}

const kindOf = (protocol: string | undefined): number => (protocol === "tcp" ? TCP : UDP);
const pair = (high = "0", low = "0"): number => Number(high) * 65_536 + Number(low);
const halves = (value: number): [number, number] => [value >>> 16, value & 65_535];
