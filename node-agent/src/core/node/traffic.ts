import { isCount, isText, oneOf, parsed, shape } from "../../base/shape.ts";

/** What a node answered within a time, by its front's own log. */
export interface Traffic {
  /** Answers to whoever is not the balancer. */
  readonly requests: number;
  /** Those of them that were the node's fault: 500 and more. */
  readonly errors: number;
  /** Milliseconds in which 99 of 100 were answered; absent without requests. */
  readonly p99Ms?: number;
}

interface Access {
  readonly request: { readonly uri: string };
  readonly status: number;
  /** Seconds. */
  readonly duration: number;
}

const isAccess = shape({
  logger: oneOf("http.log.access"),
  request: shape({ uri: isText }),
  status: isCount,
  duration: isCount,
});

/** An answer of the node to whoever is not its balancer. */
export interface Answered {
  /** That it was the node's fault: 500 and more. */
  readonly isError: boolean;
  readonly ms: number;
}

/** What a line of Caddy's access log tells; undefined for one that counts for nothing. */
export function answeredBy(line: string): Answered | undefined {
  const access = parsed(line, isAccess) as Access | undefined;
  if (access === undefined) return undefined;
  const { request, status, duration } = access;
  // Without a status the client left before there was an answer.
  if (status === 0 || request.uri === "/healthz") return undefined;
  return { isError: status >= 500, ms: duration * 1_000 };
}

/** Each class of times is so much wider than the one before: the 99th percentile is right to 5 %. */
const WIDTH = 1.05;

/** Counts lines of Caddy's access log, in little memory however many there are. */
export class TrafficCount {
  #requests = 0;
  #errors = 0;
  readonly #classes = new Map<number, number>();

  add(line: string): void {
    const answered = answeredBy(line);
    if (answered === undefined) return;
    this.#requests += 1;
    if (answered.isError) this.#errors += 1;
    const found = Math.max(0, Math.ceil(Math.log(answered.ms) / Math.log(WIDTH)));
    this.#classes.set(found, (this.#classes.get(found) ?? 0) + 1);
  }

  total(): Traffic {
    const counted = { requests: this.#requests, errors: this.#errors };
    return this.#requests === 0 ? counted : { ...counted, p99Ms: Math.round(this.#quantile(0.99)) };
  }

  #quantile(share: number): number {
    let seen = 0;
    const classes = [...this.#classes].toSorted(([a], [b]) => a - b);
    const found = classes.find(([, count]) => (seen += count) >= this.#requests * share);
    return WIDTH ** (found?.[0] ?? 0);
  }
}
