/** A value of YAML or JSON. */
export type Plain = null | boolean | number | string | Plain[] | PlainMap;
export type PlainMap = { [key: string]: Plain };

export const isMapping = (value: unknown): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);
