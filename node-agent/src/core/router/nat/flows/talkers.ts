/** One address and how many flows it has. */
export interface Talker {
  readonly address: string;
  readonly flows: number;
}

export interface Talkers {
  /** Those behind the router that have most flows, and where most flows go. */
  readonly clients: readonly Talker[];
  readonly destinations: readonly Talker[];
  /** Clients with most TCP flows that nobody answered or that ended with a reset. */
  readonly refused: readonly Talker[];
}

/** A list for people; the whole table is `conntrack -L`. */
const SHOWN = 5;
/** Addresses counted at a time; a client that scans has as many destinations as flows. */
const COUNTED = 4_096;

const REFUSED = /--state (?:SYN_SENT|CLOSE)\b/;

/** Who talks to whom: reads flows as `conntrack -o save` writes them. */
export function talkersOf(lines: readonly string[]): Talkers {
  const count = new TalkerCount();
  for (const line of lines) count.add(line);
  return count.talkers();
}

/** Counts line after line in bounded memory, however many addresses there are. */
export class TalkerCount {
  readonly #clients = new Map<string, number>();
  readonly #destinations = new Map<string, number>();
  readonly #refused = new Map<string, number>();

  add(line: string): void {
    const [, client, destination] = / -s (\S+) -d (\S+) /.exec(line) ?? [];
    if (client === undefined || destination === undefined) return;
    addOne(this.#clients, client);
    addOne(this.#destinations, destination);
    if (REFUSED.test(line)) addOne(this.#refused, client);
  }

  talkers(): Talkers {
    return { clients: most(this.#clients), destinations: most(this.#destinations), refused: most(this.#refused) };
  }
}

function addOne(counted: Map<string, number>, address: string): void {
  counted.set(address, (counted.get(address) ?? 0) + 1);
  if (counted.size > COUNTED) thin(counted);
}

// Everybody loses one until half are gone: whoever has more than its share of the flows stays (Misra and Gries).
function thin(counted: Map<string, number>): void {
  while (counted.size > COUNTED / 2)
    for (const [address, flows] of counted)
      if (flows === 1) counted.delete(address);
      else counted.set(address, flows - 1);
}

// Of equal ones the lower address first, so that two looks at the same flows say the same.
function most(counted: ReadonlyMap<string, number>): Talker[] {
  return [...counted]
    .map(([address, flows]) => ({ address, flows }))
    .toSorted((a, b) => b.flows - a.flows || (a.address < b.address ? -1 : 1))
    .slice(0, SHOWN);
}
