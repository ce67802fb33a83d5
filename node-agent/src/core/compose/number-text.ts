/** A number as Go's fmt prints it, which is what an environment variable of that number holds. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return goInteger(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4) return String(value);
  const [digits, power] = value.toExponential().split("e");
  return `${digits}e${signedPower(Number(power))}`;
}

function goInteger(value: number): string {
  const text = String(value);
  const scientific = /^(.*)e([+-]\d+)$/.exec(text);
  return scientific ? `${scientific[1]}e${signedPower(Number(scientific[2]))}` : text;
}

function signedPower(power: number): string {
  const digits = String(Math.abs(power)).padStart(2, "0");
  return `${power < 0 ? "-" : "+"}${digits}`;
}
