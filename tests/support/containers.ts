import type { Container, ContainerHealth } from "../../node-agent/src/core/stack/containers.ts";

/** A running container of a service the node needs, as the engine lists it. */
export const runningContainer = (service: string, health: ContainerHealth, address?: string): Container => ({
  id: service,
  name: `greenleaf-${service}-1`,
  service,
  health,
  status: "",
  image: "",
  dependsOn: [],
  state: "running",
  isOptional: false,
  ...(address === undefined ? {} : { address }),
});
