import { isIpv4, isWithinSubnet } from "../addresses.ts";
import type { Problem } from "../problems.ts";
import type { Port, ServiceNetwork, Stack } from "../stack.ts";

interface Published {
  readonly service: string;
  readonly port: Port;
}

/** What each part of the file allows and two together do not: Compose takes it, and the engine refuses it at a start. */
export function checkReferences(stack: Pick<Stack, "services" | "networks">): Problem[] {
  return [...portsGivenTwice(stack), ...addressesWithoutSubnet(stack), ...neverHealthy(stack)];
}

/** A health check that the image has is seen on the machine alone; one that the file takes away is seen here. */
function neverHealthy({ services }: Pick<Stack, "services">): Problem[] {
  const unchecked = new Set(
    services.filter(({ healthcheck }) => healthcheck?.Test?.[0] === "NONE").map(({ name }) => name),
  );
  return services.flatMap(({ name, dependsOn }) =>
    dependsOn
      .filter(({ service, condition }) => condition === "service_healthy" && unchecked.has(service))
      .map(({ service }) => ({
        path: ["services", name, "depends_on", service],
        message: `service "${service}" has no health check, so it never is healthy`,
      })),
  );
}

/** Only where the file gives the network its subnets can a container have an address that the file says. */
function addressesWithoutSubnet({ services, networks }: Pick<Stack, "services" | "networks">): Problem[] {
  return services.flatMap((service) =>
    service.networks.flatMap(({ key, ipv4, ipv6 }: ServiceNetwork) => {
      const network = networks.find((one) => one.key === key);
      if (network === undefined || network.external) return [];
      const subnets = network.ipam.Config.flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet]));
      const lost = [ipv4, ipv6].find(
        (address) => address !== undefined && !subnets.some((subnet) => isWithinSubnet(address, subnet)),
      );
      const message = `"${lost}" is in no subnet of network "${key}": give it one under ipam.config`;
      return lost === undefined ? [] : [{ path: ["services", service.name, "networks", key], message }];
    }),
  );
}

function portsGivenTwice({ services }: Pick<Stack, "services">): Problem[] {
  const published: Published[] = services.flatMap(({ name, ports }) =>
    ports.filter(isFixed).map((port) => ({ service: name, port })),
  );
  return published.flatMap(({ service, port }, index) => {
    const before = published.slice(0, index).find((other) => collide(other.port, port));
    if (before === undefined) return [];
    const { published: number, protocol } = port;
    const other = before.service === service ? "twice by this service" : `by service "${before.service}" too`;
    const message = `port ${number}/${protocol} is published ${other}`;
    return [{ path: ["services", service, "ports"], message }];
  });
}

const isFixed = ({ published }: Port): boolean => published !== "" && published !== "0" && !published.includes("-");

function collide(a: Port, b: Port): boolean {
  return a.published === b.published && a.protocol === b.protocol && shareAddress(a.hostIp, b.hostIp);
}

// Without an address a port is published on every address of both families.
function shareAddress(a: string, b: string): boolean {
  if (a === b || a === "" || b === "") return true;
  if (isIpv4(a) !== isIpv4(b)) return false;
  return [a, b].some((address) => address === "0.0.0.0" || address === "::");
}
