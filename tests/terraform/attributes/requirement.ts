import type { Resource } from "../../../scripts/fleet/resource.ts";

export interface Place {
  readonly resource: Resource;
  readonly environment: string;
}

/** Whether one planned value is right; `undefined` where the plan has none. */
export type Holds = (value: unknown, place: Place) => boolean;

/** Why a value must be what it must be, and whether it is. */
export type Requirement = readonly [why: string, holds: Holds];

/** Requirements of one resource type, by the place of the value: `health_check[].interval`. Every one found there must hold. */
export type Requirements = Readonly<Record<string, Readonly<Record<string, Requirement>>>>;

export const is =
  (...wanted: readonly (string | number | boolean)[]): Holds =>
  (value) =>
    wanted.some((one) => String(one) === String(value) && value !== undefined && value !== null);
export const between =
  (low: number, high: number): Holds =>
  (value) =>
    value !== undefined && value !== null && value !== "" && Number(value) >= low && Number(value) <= high;
export const matches =
  (pattern: RegExp): Holds =>
  (value) =>
    typeof value === "string" && pattern.test(value);
/** Nothing there, or what the provider says when nothing is there. */
export const unused: Holds = (value) => [undefined, null, "", false, 0].includes(value as null);
/** greenleaf-ENVIRONMENT and more: two environments of one account never share a name. */
export const named: Holds = (value, { environment }) =>
  typeof value === "string" &&
  new RegExp(`^(alias/|/aws/[a-z/-]+/|/)?greenleaf(-edge)?[-/]${environment}\\b`).test(value);
/** Another value in production, where customers are, than elsewhere. */
export const byEnvironment =
  (prod: Holds, others: Holds): Holds =>
  (value, place) =>
    (place.environment === "prod" ? prod : others)(value, place);
/** By the role in the address: app nodes or routers. */
export const byRole =
  (app: Holds, router: Holds): Holds =>
  (value, place) =>
    (place.resource.address.startsWith("module.app.") ? app : router)(value, place);
/** By the key of `for_each`, such as the name of an alarm. */
export const byKey =
  (wanted: Readonly<Record<string, Holds>>, otherwise: Holds = () => false): Holds =>
  (value, place) => {
    const key = Object.keys(wanted).find((one) => place.resource.address.includes(one));
    return (key === undefined ? otherwise : (wanted[key] ?? otherwise))(value, place);
  };

/** Values at a place; a list that is empty or missing counts as one missing value, so that it cannot pass unseen. */
export function valuesAt(values: unknown, path: string): readonly unknown[] {
  return path.split(".").reduce<readonly unknown[]>(
    (found, step) =>
      found.flatMap((value) => {
        const inner = (value as Record<string, unknown> | undefined | null)?.[step.replace("[]", "")];
        if (!step.endsWith("[]")) return [inner];
        return Array.isArray(inner) && inner.length > 0 ? inner : [undefined];
      }),
    [values],
  );
}
