import type { ObservedContainer } from "../../node-agent/src/core/stack/observed.ts";

/** A container of project `gl` as the engine shows it, running and without a health check. */
export const observedContainer = (
  service: string,
  own: Pick<ObservedContainer, "hash" | "networks"> & Partial<ObservedContainer>,
): ObservedContainer => ({
  id: `${service}0123456789abcdef`,
  name: `gl-${service}-1`,
  service,
  state: "running",
  health: "none",
  exitCode: 0,
  restarts: 0,
  anonymousVolumes: new Map(),
  ...own,
});
