import { isText, mapOf, parsed, shape } from "../../base/shape.ts";
import type { Container } from "../stack/containers.ts";

/** The service that knows whether the servers behind it answer, and where it says so. */
const ASKED = "backend";
const PORT = 9_000;

/** A server that all nodes share: replacing a node would not bring it back. */
export type Dependency = "database" | "cache";

export const DEPENDENCIES: readonly Dependency[] = ["database", "cache"];

/** Their names in the backend's `/readyz`. */
const CHECKS: Readonly<Record<Dependency, string>> = { database: "postgresql", cache: "valkey" };

/** One lost answer is no absence. */
const MISSES = 2;

/** Whom to ask; nobody where no backend runs. */
export function readyzOf(containers: readonly Container[]): string | undefined {
  const own = containers.filter(({ service, address }) => service === ASKED && address !== undefined);
  const one = own.find(({ health }) => health === "healthy") ?? own[0];
  return one?.address === undefined ? undefined : `http://${one.address}:${PORT}/readyz`;
}

const isReadiness = shape({ checks: mapOf(isText) });

/** The dependencies that did not answer the backend; none where its answer is no such document. */
export function missingIn(body: string): readonly Dependency[] {
  const answer = parsed(body, isReadiness) as { readonly checks: Readonly<Record<string, string>> } | undefined;
  if (answer === undefined) return [];
  return DEPENDENCIES.filter((name) => (answer.checks[CHECKS[name]] ?? "ok") !== "ok");
}

/** Dependencies by how often in a row they were missing. */
export type Misses = Readonly<Partial<Record<Dependency, number>>>;

export const countMisses = (before: Misses, missing: readonly Dependency[]): Misses =>
  Object.fromEntries(missing.map((name) => [name, (before[name] ?? 0) + 1]));

export const awayBy = (misses: Misses): readonly Dependency[] =>
  DEPENDENCIES.filter((name) => (misses[name] ?? 0) >= MISSES);
