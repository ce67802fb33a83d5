const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The value below which that share of all values lies. */
export const quantile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

export const median = (values: readonly number[]): number => quantile(values, 0.5);
