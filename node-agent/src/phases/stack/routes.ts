import type { Stack } from "../../core/stack/compose/stack.ts";
import type { World } from "../../world.ts";
import { AGENT_FOLDER } from "../boot/kept-environment.ts";

/** Where Caddy reads, at each request, whom to ask for a service; the name of the service where there is no file. */
const routePath = (service: string): string => `${AGENT_FOLDER}/route-${service}`;

/** What is written of the services that are replaced start-first. */
export async function readRoutes(files: World["files"], { services }: Stack): Promise<ReadonlyMap<string, string>> {
  const routed = services.filter(({ update }) => update.order === "start-first");
  const texts = await Promise.all(routed.map(({ name }) => files.read(routePath(name))));
  return new Map(routed.flatMap(({ name }, index) => (texts[index] === undefined ? [] : [[name, texts[index]]])));
}

/** Caddy is another user, and finds the old name or the new one: the file is replaced as a whole, and never missing again. */
export async function writeRoute(files: World["files"], service: string, host: string): Promise<void> {
  await files.write(routePath(service), host, { mode: 0o644 });
}
