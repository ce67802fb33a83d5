/** Version of the agent; a test holds it equal to package.json and to what user_data asks for. */
export const AGENT_VERSION = "0.1.0";

/** Below zero when `a` is older than `b`. Only the three numbers count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  const index = left.findIndex((value, at) => value !== right[at]);
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

const numbers = (version: string): number[] =>
  (/^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map((digits) => Number(digits));
