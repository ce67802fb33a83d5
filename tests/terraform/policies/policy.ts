import { ofType, type Resource, type Values } from "../../../scripts/fleet/resource.ts";

/** One rule about a planned environment, under the id by which the public scanners know it; FIN-* and OWN-* are ours. */
export interface Policy {
  readonly id: string;
  readonly what: string;
  /** What breaks it: addresses, or a sentence where something is missing altogether. */
  readonly problems: (fleet: Fleet) => readonly string[];
}

export interface Fleet {
  readonly environment: string;
  readonly resources: readonly Resource[];
}

type Test = (values: Values, resource: Resource, fleet: Fleet) => boolean;

/** Holds for every resource of a type, and there must be one. */
export function every(id: string, what: string, type: string, holds: Test): Policy {
  return {
    id,
    what,
    problems: (fleet) => {
      const found = ofType(fleet.resources, type);
      if (found.length === 0) return [`no ${type} in the plan`];
      return found.filter((resource) => !holds(resource.values, resource, fleet)).map(({ address }) => address);
    },
  };
}

/** The same where an environment may have none. */
export function any(id: string, what: string, type: string, holds: Test): Policy {
  return {
    id,
    what,
    problems: (fleet) =>
      ofType(fleet.resources, type)
        .filter((resource) => !holds(resource.values, resource, fleet))
        .map(({ address }) => address),
  };
}

/** A type that must not be planned. */
export function none(id: string, what: string, type: string): Policy {
  return { id, what, problems: ({ resources }) => ofType(resources, type).map(({ address }) => address) };
}

/** Every bucket has its companion resource, and the companion is right. */
export function perBucket(id: string, what: string, type: string, holds: Test): Policy {
  return {
    id,
    what,
    problems: (fleet) => {
      const { resources } = fleet;
      return ofType(resources, "aws_s3_bucket").flatMap((bucket) => {
        const own = ofType(resources, type).find(
          ({ name, address }) => name === bucket.name && sameModule(address, bucket.address),
        );
        if (!own) return [`${bucket.address}: no ${type}`];
        return holds(own.values, own, fleet) ? [] : [own.address];
      });
    },
  };
}

const sameModule = (a: string, b: string) => a.split(".aws_")[0] === b.split(".aws_")[0];

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: unknown;
}

export const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

export function statementsOf(policy: unknown): readonly Statement[] {
  return typeof policy === "string" ? (JSON.parse(policy) as { Statement: Statement[] }).Statement : [];
}
