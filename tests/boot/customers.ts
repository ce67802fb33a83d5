import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface Visit {
  readonly at: number;
  readonly what: string;
  readonly status: number;
  /** The node that answered. */
  readonly node: string | undefined;
}

/** Customers at a socket file: each looks at the front page and opens a cart, one after the other, until told to stop. */
export class Customers {
  readonly visits: Visit[] = [];
  readonly #path: string;
  readonly #key: string;
  readonly #region: string;
  #isOpen = true;
  readonly #all: Promise<unknown>;

  constructor(path: string, { key, region, people = 4 }: { key: string; region: string; people?: number }) {
    this.#path = path;
    this.#key = key;
    this.#region = region;
    this.#all = Promise.all(Array.from({ length: people }, () => this.#shop()));
  }

  /** What did not go well since a moment of `performance.now()`. */
  failures(since = 0): readonly Visit[] {
    return this.visits.filter(({ at, status }) => at >= since && status !== 200);
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    await this.#all;
  }

  async #shop(): Promise<void> {
    const body = JSON.stringify({ region_id: this.#region });
    const headers = { "content-type": "application/json", "x-publishable-api-key": this.#key };
    while (this.#isOpen) {
      this.visits.push(await visit(this.#path, { what: "GET /" }));
      this.visits.push(await visit(this.#path, { what: "POST /store/carts", headers, body }));
      await sleep(100);
    }
  }
}

interface Asked {
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request of a customer; a connection that breaks is status 0. */
export async function visit(socketPath: string, asked: Asked): Promise<Visit & { readonly text: string }> {
  const { what, headers = {}, body } = asked;
  const at = performance.now();
  const [method, path] = what.split(" ");
  return new Promise((resolve) => {
    const failed = () => resolve({ at, what, status: 0, node: undefined, text: "" });
    const sent = request({ socketPath, method, path, headers: { host: "dev.greenleaf.com", ...headers } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("error", failed);
      answer.on("end", () => {
        const node = answer.headers["x-target"];
        resolve({ at, what, status: answer.statusCode ?? 0, node: typeof node === "string" ? node : undefined, text });
      });
    });
    sent.on("error", failed).end(body);
  });
}
