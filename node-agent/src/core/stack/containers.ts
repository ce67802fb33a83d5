export type ContainerHealth = "healthy" | "unhealthy" | "starting" | "unchecked" | "stopped";

/** What a service of a stack carries that customers do without. */
export const OPTIONAL_LABEL = "io.greenleaf.optional";

/** One container of a stack, as far as health and order of stopping go. */
export interface Container {
  id: string;
  name: string;
  service: string;
  health: ContainerHealth;
  /** Docker's own word, as in `running`, `paused`, `restarting`. */
  state: string;
  /** Customers do without it: what ails it makes the node `degraded`, and no more. */
  isOptional: boolean;
  /** Docker's own words, as in `Up 3 minutes (healthy)`. */
  status: string;
  image: string;
  dependsOn: readonly string[];
  /** In its first network; not while it is stopped. */
  address?: string;
}

/** What `GET /containers/json` gives of a container (a part). */
export interface ListedContainer {
  Id: string;
  Names: readonly string[];
  Image: string;
  State: string;
  Status: string;
  Labels: Readonly<Record<string, string>>;
  NetworkSettings?: { Networks?: Readonly<Record<string, { IPAddress?: string }>> | null };
}

/** The service containers of a stack; one-off containers (`docker compose run`, jobs) are not among them. */
export function containersOf(listed: readonly ListedContainer[]): Container[] {
  return listed
    .filter(({ Labels }) => isService(Labels))
    .map(containerOf)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Services in the order they are stopped, those that may stop together in one group: who depends on others first,
 * so that Caddy stops taking requests before the apps it asks go away.
 */
export function stopOrder(containers: readonly Container[]): Container[][] {
  const groups: Container[][] = [];
  let left = [...containers];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ dependsOn }) => dependsOn));
    const free = left.filter(({ service }) => !needed.has(service));
    // A circle cannot come from a checked stack file; a foreign one is stopped all at once.
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((container) => !group.includes(container));
  }
  return groups;
}

function containerOf(container: ListedContainer): Container {
  return {
    id: container.Id,
    name: (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, ""),
    service: container.Labels["com.docker.compose.service"] ?? "",
    health: healthOf(container),
    state: container.State,
    isOptional: container.Labels[OPTIONAL_LABEL] === "true",
    status: container.Status,
    image: container.Image,
    dependsOn: dependencies(container.Labels["com.docker.compose.depends_on"]),
    ...addressOf(container),
  };
}

function addressOf({ NetworkSettings }: ListedContainer): { address?: string } {
  const address = Object.values(NetworkSettings?.Networks ?? {}).find(({ IPAddress }) => IPAddress)?.IPAddress;
  return address === undefined ? {} : { address };
}

function isService(labels: Readonly<Record<string, string>>): boolean {
  return (
    labels["com.docker.compose.service"] !== undefined && labels["com.docker.compose.oneoff"]?.toLowerCase() !== "true"
  );
}

// The list call has no health field before API 1.52; the status text carries it in all versions.
function healthOf({ State, Status }: ListedContainer): ContainerHealth {
  if (State !== "running") return "stopped";
  if (Status.endsWith("(healthy)")) return "healthy";
  if (Status.endsWith("(unhealthy)")) return "unhealthy";
  return Status.endsWith("(health: starting)") ? "starting" : "unchecked";
}

// Compose writes `name:condition:restart`, several joined by commas.
function dependencies(label: string | undefined): string[] {
  return (label ?? "")
    .split(",")
    .map((entry) => entry.split(":")[0] ?? "")
    .filter((service) => service !== "");
}
