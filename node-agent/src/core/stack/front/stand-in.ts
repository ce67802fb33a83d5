import type { ContainerSpec } from "../compose/container-body.ts";

/** On a container that holds a service's requests while its own container is replaced. */
export const STAND_IN_LABEL = "io.greenleaf.stand-in";

type Bindings = Readonly<Record<string, ReadonlyArray<{ readonly HostIp: string; readonly HostPort: string }>>>;

/** The same container, but for the ports of the machine: it gets others, which the engine chooses. */
export function standInOf(spec: ContainerSpec): ContainerSpec {
  const { body } = spec;
  const bindings = (body.HostConfig["PortBindings"] ?? {}) as Bindings;
  const PortBindings = Object.fromEntries(
    Object.entries(bindings).map(([port, list]) => [port, list.map((one) => ({ ...one, HostPort: "" }))]),
  );
  const Labels = { ...body.Labels, [STAND_IN_LABEL]: "true" };
  return { ...spec, body: { ...body, Labels, HostConfig: { ...body.HostConfig, PortBindings } } };
}
