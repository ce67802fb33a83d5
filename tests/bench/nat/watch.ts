import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../../scripts/lab/namespaces.ts";
import type { Topology } from "../../../scripts/lab/topology.ts";

const SAMPLE_MS = 100;

/** A counter of the packets of zone b that each router let out, read many times a second. */
export class Watch {
  readonly #lab: Topology;
  readonly #owners: () => Promise<string>;
  #isOver = false;
  samples = 0;
  /** Looks at which two routers translated the zone. */
  together = 0;
  #idle = 0;
  #longestIdle = 0;

  /** `owners` is another text after each move of a route. */
  constructor(lab: Topology, owners: () => Promise<string>) {
    this.#lab = lab;
    this.#owners = owners;
  }

  get longestIdleSeconds(): number {
    return (this.#longestIdle * SAMPLE_MS) / 1000;
  }

  end(): void {
    this.#isOver = true;
  }

  async run(): Promise<void> {
    let last = await this.#read();
    while (!this.#isOver) {
      await sleep(SAMPLE_MS);
      const next = await this.#read();
      const grew = [0, 1].map((index) => (next.packets[index] ?? 0) > (last.packets[index] ?? 0));
      // A window in which the route moved may hold packets of both, one after the other.
      if (grew.every(Boolean) && next.owners === last.owners) this.together += 1;
      this.#idle = grew.some(Boolean) ? 0 : this.#idle + 1;
      this.#longestIdle = Math.max(this.#longestIdle, this.#idle);
      this.samples += 1;
      last = next;
    }
  }

  async #read(): Promise<{ packets: number[]; owners: string }> {
    const [a, b, owners] = await Promise.all([this.#packets(0), this.#packets(1), this.#owners()]);
    return { packets: [a, b], owners };
  }

  async #packets(index: 0 | 1): Promise<number> {
    const { namespace } = this.#lab.zones[index].router;
    const { stdout } = await run(["ip", "netns", "exec", namespace, "iptables", "-vnxL", "GREENLEAF-FORWARD"]);
    const line = stdout.split("\n").find((text) => /GREENLEAF-OUT .*10\.0\.11\.0\/24/.test(text));
    return Number(line?.trim().split(/\s+/)[0] ?? 0);
  }
}
