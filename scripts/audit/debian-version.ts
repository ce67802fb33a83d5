/** Compares versions as dpkg does (deb-version(7)): below 0 when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  return (
    left.epoch - right.epoch || compareText(left.upstream, right.upstream) || compareText(left.revision, right.revision)
  );
}

function parts(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = "0", rest = ""] = /^(?:(\d+):)?(.*)$/.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  if (dash === -1) return { epoch: Number(epoch), upstream: rest, revision: "" };
  return { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

// Runs of letters and of digits in turn: letters by their order, digits by their number.
function compareText(a: string, b: string): number {
  const [left, right] = [runs(a), runs(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [letters, digits] = left[index] ?? ["", ""];
    const [otherLetters, otherDigits] = right[index] ?? ["", ""];
    const found = compareLetters(letters, otherLetters) || Number(digits || 0) - Number(otherDigits || 0);
    if (found !== 0) return found;
  }
  return 0;
}

const runs = (text: string): Array<readonly [string, string]> =>
  [...text.matchAll(/(\D*)(\d*)/g)].map(([, letters = "", digits = ""]) => [letters, digits] as const);

function compareLetters(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const found = rank(a[index]) - rank(b[index]);
    if (found !== 0) return found;
  }
  return 0;
}

// A tilde is older than the end; letters come before all other signs.
function rank(sign: string | undefined): number {
  if (sign === undefined) return 0;
  if (sign === "~") return -1;
  const code = sign.charCodeAt(0);
  return /[A-Za-z]/.test(sign) ? code : code + 256;
}
