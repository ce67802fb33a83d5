import { AgentError, ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { parseSaved } from "../../core/router/nat/saved.ts";
import type { Service, Stack } from "../../core/stack/compose/stack.ts";
import { type Front, frontOwner, frontPorts, isFront } from "../../core/stack/front/front.ts";
import { moveBackText, movedTo, moveText, whyFixed } from "../../core/stack/front/front-rules.ts";
import type { ObservedContainer } from "../../core/stack/observed.ts";
import type { FrontMove } from "../../core/stack/plan/operation.ts";
import { routeOf } from "../../core/stack/plan/plan-choice.ts";
import type { World } from "../../world.ts";

/** Where the requests go of services that publish ports and are replaced start-first. */
export async function observeFronts(
  { iptables }: Pick<World, "iptables">,
  { project, services }: Stack,
  containers: readonly ObservedContainer[],
): Promise<ReadonlyMap<string, Front>> {
  const fronts = services.filter(
    (service) => isFront(service) && containers.some((one) => one.service === service.name),
  );
  if (fronts.length === 0) return new Map();
  try {
    const saved = parseSaved((await iptables.save("ipv4")) ?? "");
    return new Map(fronts.map((service) => [service.name, frontOf(saved, { project, service, containers })]));
  } catch (error) {
    // No iptables: the engine is somebody else's, or keeps its rules elsewhere.
    if (!(error instanceof AgentError)) throw error;
    return new Map(fronts.map(({ name }) => [name, { fixed: `${error.message} (${error.why})` }]));
  }
}

interface Looked {
  readonly project: string;
  readonly service: Service;
  readonly containers: readonly ObservedContainer[];
}

function frontOf(saved: ReturnType<typeof parseSaved>, { project, service, containers }: Looked): Front {
  const own = containers.filter((one) => one.service === service.name && one.isStandIn === undefined);
  const addresses = own.flatMap((container) => container.addresses ?? []);
  const to = movedTo(saved, frontOwner(project, service.name));
  const fixed = whyFixed(saved, frontPorts(service.ports), addresses);
  return { ...(to === undefined ? {} : { movedTo: to }), ...(fixed === undefined ? {} : { fixed }) };
}

interface Moving {
  readonly world: Pick<World, "engine" | "iptables">;
  readonly stack: Stack;
}

/** Gives new connections to a stand-in, or back to whoever publishes the ports; those that are open stay where they are. */
export async function moveFront(
  { world, stack }: Moving,
  { service, ports, isStandIn }: FrontMove & { readonly service: string },
  container: string | undefined,
): Promise<void> {
  const { engine, iptables } = world;
  const owner = frontOwner(stack.project, service);
  if (!isStandIn || container === undefined) return moveBack(iptables, owner);
  const saved = parseSaved((await iptables.save("ipv4")) ?? "");
  const chosen = (await engine.inspect(container))?.hostPorts ?? new Map<number, number>();
  const text = moveText(saved, { owner, ports, to: routeOf({ id: container }), chosen });
  if (text === undefined) throw noPort(service);
  await iptables.restore("ipv4", text);
}

async function moveBack(iptables: World["iptables"], owner: string): Promise<void> {
  try {
    const text = moveBackText(parseSaved((await iptables.save("ipv4")) ?? ""), owner);
    if (text !== undefined) await iptables.restore("ipv4", text);
  } catch (error) {
    // Where there is no iptables there is no rule to take away.
    if (!(error instanceof ConfigurationError)) throw error;
  }
}

function noPort(service: string): TemporaryError {
  return new TemporaryError(`stack: requests for ${service} cannot be given to its new container`, {
    code: "engine.failed",
    why: "the engine has published no port of it",
    fix: "boot again",
  });
}
