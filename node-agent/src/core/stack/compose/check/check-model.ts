import type { Problem } from "../problems.ts";
import { isMapping, type Plain, type PlainMap } from "../read/plain.ts";
import { checkSubset } from "./check-subset.ts";

/** Every key of the canonical model that is not in the subset. What is empty asks for nothing. */
export const checkModel = (model: PlainMap): Problem[] => checkSubset(withoutEmpty(model));

function withoutEmpty(value: PlainMap): PlainMap {
  const members = Object.entries(value).map(([key, item]) => [key, trimmed(item)] as const);
  return Object.fromEntries(members.filter(([, item]) => !isEmpty(item)));
}

function trimmed(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(trimmed);
  return isMapping(value) ? withoutEmpty(value) : value;
}

const isEmpty = (value: Plain): boolean =>
  value === null || (typeof value === "object" && Object.keys(value).length === 0);
