import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCESS } from "./access.ts";
import { COMPUTE } from "./compute.ts";
import { DATA } from "./data.ts";
import { MONEY } from "./money.ts";
import { NETWORK } from "./network.ts";
import type { Fleet, Policy } from "./policy.ts";
import { REFUSALS } from "./refusals.ts";

export const POLICIES: readonly Policy[] = [...NETWORK, ...COMPUTE, ...DATA, ...ACCESS, ...MONEY, ...REFUSALS];

/** A finding that is accepted, by whom, why and until when. */
export interface Exception {
  readonly id: string;
  /** An address; a trailing * stands for any rest. */
  readonly address: string;
  readonly environments?: readonly string[];
  readonly granted: string;
  readonly until: string;
  readonly owner: string;
  readonly reason: string;
}

export const EXCEPTIONS = JSON.parse(readFileSync(join(import.meta.dirname, "exceptions.json"), "utf8")) as Exception[];

export interface Finding {
  readonly id: string;
  readonly address: string;
  readonly what: string;
  readonly exception?: Exception;
}

export function findings(fleet: Fleet, policies: readonly Policy[] = POLICIES): readonly Finding[] {
  return policies.flatMap((policy) =>
    policy.problems(fleet).map((address) => finding(policy, address, fleet.environment)),
  );
}

function finding({ id, what }: Policy, address: string, environment: string): Finding {
  const exception = EXCEPTIONS.find((candidate) => covers(candidate, id, address, environment));
  return exception ? { id, address, what, exception } : { id, address, what };
}

function covers({ id, address, environments }: Exception, policy: string, found: string, environment: string): boolean {
  const matches = address.endsWith("*") ? found.startsWith(address.slice(0, -1)) : found === address;
  return id === policy && matches && (environments === undefined || environments.includes(environment));
}
