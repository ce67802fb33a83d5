import type { RouterDocument } from "../../core/router/document.ts";
import { addressOf, type RouterState } from "../../core/router/nat/config.ts";
import { FlowTable, savedAddress } from "../../core/router/nat/flows/flow-table.ts";

/** Addresses that flows are kept for: those a router has. */
const MOST_ADDRESSES = 4;
/** The kernel's queue for a listener holds some 160 ends, whatever conntrack is told: of more, some were not heard. */
const MANY = 100;
/** NAT Gateway's limit, where the document names none. */
const IDLE_SECONDS = 350;

/** What another program deleted: as the kernel told each, and of many at once also what the last listing had. */
export class DeletedFlows {
  readonly #router: RouterDocument;
  readonly #listed = new Map<string, FlowTable>();
  #heard = new Map<string, FlowTable>();
  #count = 0;
  #isIncomplete = false;

  constructor(router: RouterDocument) {
    this.#router = router;
  }

  hear(address: string, line: string): void {
    this.#count += 1;
    tableOf(this.#heard, address)?.tell(line);
  }

  /** Some of those deleted were not told. */
  miss(): void {
    this.#isIncomplete = true;
  }

  beginListing(): void {
    for (const table of this.#listed.values()) table.beginListing();
  }

  list(line: string): void {
    const address = savedAddress(line);
    if (address !== undefined) tableOf(this.#listed, address)?.list(line);
  }

  endListing(): void {
    for (const table of this.#listed.values()) table.endListing();
  }

  /** What to load, once: of the addresses that are served here. An entry that is there already stays as it is. */
  *take(state: RouterState): Generator<string> {
    const heard = this.#heard;
    const isWhole = this.#count < MANY && !this.#isIncomplete;
    const tables = isWhole ? [heard] : [heard, this.#listed];
    this.#heard = new Map();
    this.#count = 0;
    this.#isIncomplete = false;
    const idleSeconds = this.#router.idle ?? IDLE_SECONDS;
    for (const table of tables)
      for (const [address, flows] of table)
        if (isServed(address, this.#router, state)) yield* flows.lines({ address, idleSeconds });
  }
}

function tableOf(tables: Map<string, FlowTable>, address: string): FlowTable | undefined {
  const found = tables.get(address);
  if (found !== undefined || tables.size >= MOST_ADDRESSES) return found;
  const table = new FlowTable();
  tables.set(address, table);
  return table;
}

// What the other router serves is not ours to put back. Without a known address every translated flow is our own.
function isServed(address: string, { zones: [home] }: RouterDocument, { serves }: RouterState): boolean {
  if (home?.address === undefined) return serves.home;
  return (serves.home && address === addressOf(home.address)) || (serves.peer && address === home.standby);
}
