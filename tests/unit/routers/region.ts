import type { LeaseRecord } from "../../../node-agent/src/core/router-lease.ts";

export const TICK_MS = 50;

export type Index = 0 | 1;

interface Cuts {
  link: boolean;
  readonly store: [boolean, boolean];
  readonly internet: [boolean, boolean];
  /** Most of the probes' targets are dead, for both. */
  targets: boolean;
}

/** The lease store, the routes, the time, and what is cut. */
export class Region {
  now = 0;
  readonly cuts: Cuts = { link: false, store: [false, false], internet: [false, false], targets: false };
  /** Whom each zone's route names, and who carries its public address. */
  readonly routes: [Index, Index] = [0, 1];
  readonly store = new Map<Index, LeaseRecord>();
  versions = 0;
  moves = 0;
  readonly random: () => number;

  constructor(seed: number) {
    let state = seed;
    this.random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  }

  move(zone: Index, to: Index): void {
    if (this.routes[zone] !== to) this.moves += 1;
    this.routes[zone] = to;
  }
}
