import type { Scalar } from "yaml";

export type ScalarValue = null | boolean | number | string;

const OCTAL = /^[-+]?0o?[0-7]+$/;
const BINARY = /^[-+]?0b[01]+$/;
const GROUPED = /^[-+]?\d[\d_]*$/;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/;

/**
 * The value of a scalar as go-yaml reads it. It differs from YAML 1.2 in plain numbers: `0755` is octal, `0b101`
 * binary and `1_000` a thousand. A plain date becomes a time there, which no key of a stack takes: undefined.
 */
export function scalarValue(scalar: Scalar): ScalarValue | undefined {
  const { value, source, type } = scalar;
  if (type !== "PLAIN" || source === undefined) return safeNumber(value as ScalarValue | bigint);
  if (DATE.test(source)) return undefined;
  return plainNumber(source) ?? safeNumber(value as ScalarValue | bigint);
}

function plainNumber(source: string): number | string | undefined {
  if (OCTAL.test(source)) return radixNumber(source.replace("0o", "0"), 8);
  if (BINARY.test(source)) return radixNumber(source.replace("0b", ""), 2);
  if (source.includes("_") && GROUPED.test(source)) return wholeNumber(BigInt(source.replaceAll(/[_+]/g, "")));
  return undefined;
}

const radixNumber = (digits: string, radix: number): number => Number.parseInt(digits, radix);

const safeNumber = (value: ScalarValue | bigint): ScalarValue =>
  typeof value === "bigint" ? wholeNumber(value) : value;

// Go holds whole numbers of 64 bits; larger ones become floating point there.
function wholeNumber(value: bigint): number | string {
  const isExact = Number.isSafeInteger(Number(value)) || value < -(2n ** 63n) || value >= 2n ** 64n;
  return isExact ? Number(value) : String(value);
}
