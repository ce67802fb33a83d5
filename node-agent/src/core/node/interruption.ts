/** Paths below /latest that announce the end of an instance; 404 while there is nothing to say. */
export const SPOT_PATH = "meta-data/spot/instance-action";
/** `spot` or `on-demand`. */
export const LIFE_CYCLE_PATH = "meta-data/instance-life-cycle";
export const TARGET_STATE_PATH = "meta-data/autoscaling/target-lifecycle-state";

/** Why the node must drain, read from IMDS; undefined while it need not. */
export function spotInterruption(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const found = /"action"\s*:\s*"(\w+)"/.exec(text)?.[1];
  const time = /"time"\s*:\s*"([\dTZ:.-]+)"/.exec(text)?.[1];
  return `Spot notice: ${found ?? "end"}${time === undefined ? "" : ` at ${time}`}`;
}

export function targetInterruption(text: string | undefined): string | undefined {
  return text?.trim() === "Terminated" ? "the Auto Scaling group ends this instance" : undefined;
}
