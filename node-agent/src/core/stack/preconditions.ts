import { isSince } from "./api-version.ts";
import type { Stack } from "./compose/stack.ts";
import type { Observed } from "./observed.ts";

/** Older engines drop the field in silence; compose refuses it there too. */
const START_INTERVAL_API = "1.44";

/** What the machine lacks for this stack and no operation of ours can give; told before anything is changed. */
export function unmetPreconditions(stack: Stack, observed: Observed): string[] {
  const { networks, volumes, images, foreignNames } = observed;
  const names = new Set(stack.services.map(({ name }) => `${stack.project}-${name}-1`));
  return [
    ...stack.networks
      .filter(({ name, external }) => external && !networks.has(name))
      .map(({ name }) => `network ${name} is external and does not exist`),
    ...stack.volumes
      .filter(({ name, external }) => external && !volumes.has(name))
      .map(({ name }) => `volume ${name} is external and does not exist`),
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
