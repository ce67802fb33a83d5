import { HASH_LABEL, ONEOFF_LABEL, PROJECT_LABEL, SERVICE_LABEL } from "../../core/stack/compose/labels.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import type { Engine, InspectedContainer, ListedContainer, ListedPlace } from "../../core/stack/engine.ts";
import { STAND_IN_LABEL } from "../../core/stack/front/stand-in.ts";
import type {
  ContainerHealth,
  ContainerState,
  Observed,
  ObservedContainer,
  TakenPort,
} from "../../core/stack/observed.ts";
import type { World } from "../../world.ts";
import { observeFronts } from "./fronts.ts";
import { readRoutes } from "./routes.ts";

/** One look at the machine: all calls at once, and one inspect for each container of the project. */
export async function observeStack(world: World, stack: Stack): Promise<Observed> {
  const { engine, ports, files } = world;
  const references = [...new Set(stack.services.map(({ image }) => image))];
  const [{ api }, listed, networks, volumes, present] = await Promise.all([
    engine.version(),
    engine.list(),
    engine.networks(),
    engine.volumes(),
    Promise.all(references.map((reference) => engine.image(reference))),
  ]);
  const images = references.flatMap((reference, index) => {
    const image = present[index];
    return image === undefined ? [] : [{ reference, ...image }];
  });
  const isForeign = ({ labels }: ListedPlace) => labels[PROJECT_LABEL] !== stack.project;
  const isOurs = ({ labels }: ListedContainer) => labels[PROJECT_LABEL] === stack.project;
  const foreign = listed.filter((container) => !isOurs(container));
  const ours = listed.filter((container) => isOurs(container) && labelled(container, ONEOFF_LABEL) !== "True");
  const [containers, routes, takenPorts] = await Promise.all([
    observeContainers(engine, ours),
    readRoutes(files, stack),
    takenBy(ports, stack, { ours: listed.filter(isOurs), foreign }),
  ]);
  const fronts = await observeFronts(world, stack, containers);
  return {
    api,
    fronts,
    networks: namesOf(networks),
    volumes: namesOf(volumes),
    foreignNetworks: namesOf(networks.filter(isForeign)),
    foreignVolumes: namesOf(volumes.filter(isForeign)),
    images: new Map(images.map(({ reference, id }) => [reference, id])),
    uncheckedImages: new Set(images.flatMap(({ reference, hasCheck }) => (hasCheck ? [] : [reference]))),
    containers,
    foreignNames: new Set(foreign.map(({ name }) => name)),
    routes,
    takenPorts,
  };
}

const namesOf = (places: readonly ListedPlace[]): Set<string> => new Set(places.map(({ name }) => name));
const labelled = ({ labels }: ListedContainer, label: string): string => labels[label] ?? "";

async function observeContainers(engine: Engine, listed: readonly ListedContainer[]): Promise<ObservedContainer[]> {
  const inspected = await Promise.all(listed.map(({ id }) => engine.inspect(id)));
  return listed.flatMap((container, index) => {
    const found = inspected[index];
    return found === undefined ? [] : [observed(container, found)];
  });
}

// A volume that nobody named has 64 hexadecimal digits for a name.
const ANONYMOUS = /^[0-9a-f]{64}$/;

function observed(container: ListedContainer, inspected: InspectedContainer): ObservedContainer {
  const anonymous = inspected.volumes.filter(({ name }) => ANONYMOUS.test(name));
  return {
    id: inspected.id,
    name: container.name,
    service: labelled(container, SERVICE_LABEL),
    state: inspected.state as ContainerState,
    health: (inspected.health ?? "none") as ContainerHealth,
    exitCode: inspected.exitCode,
    restarts: inspected.restarts,
    restartPolicy: inspected.restartPolicy,
    ...(inspected.limits === undefined ? {} : { limits: inspected.limits }),
    ...(inspected.oomKilled === undefined ? {} : { oomKilled: inspected.oomKilled }),
    hash: labelled(container, HASH_LABEL),
    networks: inspected.networks,
    anonymousVolumes: new Map(anonymous.map(({ path, name }) => [path, name])),
    ...(inspected.made === undefined ? {} : { made: inspected.made }),
    ...(inspected.addresses === undefined ? {} : { addresses: inspected.addresses }),
    ...(labelled(container, STAND_IN_LABEL) === "true" ? { isStandIn: true } : {}),
  };
}

async function takenBy(
  ports: World["ports"],
  stack: Stack,
  { ours, foreign }: { ours: readonly ListedContainer[]; foreign: readonly ListedContainer[] },
): Promise<TakenPort[]> {
  const own = new Set(ours.flatMap(({ published }) => published));
  const wanted = stack.services.flatMap((service) =>
    service.ports
      .filter(({ published }) => /^[1-9]\d*$/.test(published))
      .map((port) => ({ service: service.name, key: `${port.published}/${port.protocol}`, port })),
  );
  const taken = await Promise.all(
    wanted.map(async ({ service, key, port }) => {
      if (own.has(key)) return [];
      const container = foreign.find((other) => other.published.includes(key));
      const program = port.protocol === "tcp" ? await ports.holderOf(Number(port.published), port.hostIp) : undefined;
      const holder = container && program ? `container ${container.name}` : program;
      return holder === undefined ? [] : [{ port: key, service, holder }];
    }),
  );
  return taken.flat();
}
