import { isSince } from "./api-version.ts";
import type { Stack } from "./compose/stack.ts";
import type { Observed } from "./observed.ts";

/** Older engines drop the field in silence; compose refuses it there too. */
const START_INTERVAL_API = "1.44";

/** What the machine lacks for this stack and no operation of ours can give; told before anything is changed. */
export function unmetPreconditions(stack: Stack, observed: Observed): string[] {
  const { networks, volumes, images, foreignNames, foreignNetworks, foreignVolumes } = observed;
  const names = new Set(stack.services.map(({ name }) => `${stack.project}-${name}-1`));
  return [
    ...stack.networks
      .filter(({ name, external }) => external && !networks.has(name))
      .map(({ name }) => `network ${name} is external and does not exist`),
    ...stack.volumes
      .filter(({ name, external }) => external && !volumes.has(name))
      .map(({ name }) => `volume ${name} is external and does not exist`),
    ...stack.networks
      .filter(({ name, external }) => !external && foreignNetworks.has(name))
      .map(({ name }) => `network ${name} is not of this project: name another one, or say that it is external`),
    ...stack.volumes
      .filter(({ name, external }) => !external && foreignVolumes.has(name))
      .map(({ name }) => `volume ${name} is not of this project: what is in it is somebody else's; name another one`),
    ...neverHealthy(stack, observed),
    ...stack.services
      .filter(({ image, pullPolicy }) => !images.has(image) && (pullPolicy === "never" || image.startsWith("sha256:")))
      .map(({ name, image }) => `image ${image} of service ${name} is not on this machine and cannot be pulled`),
    ...stack.services
      .filter(
        ({ healthcheck }) => healthcheck?.StartInterval !== undefined && !isSince(observed.api, START_INTERVAL_API),
      )
      .map(({ name }) => `service ${name} has a start_interval, which needs Docker Engine 25`),
    ...[...names]
      .filter((name) => foreignNames.has(name))
      .map((name) => `container name ${name} is taken by a container of another project`),
  ];
}

/** Whoever is waited for until it is healthy, with no health check in the file nor in its image. */
function neverHealthy({ services }: Stack, { uncheckedImages }: Observed): string[] {
  const unchecked = new Set(
    services
      .filter(({ image, healthcheck }) => healthcheck?.Test === undefined && uncheckedImages.has(image))
      .map(({ name }) => name),
  );
  return services.flatMap(({ name, dependsOn }) =>
    dependsOn
      .filter(({ service, condition }) => condition === "service_healthy" && unchecked.has(service))
      .map(
        ({ service }) => `service ${name} waits until ${service} is healthy, and neither it nor its image has a check`,
      ),
  );
}
