/** Compose files made from a number: the same number gives the same file. */

export interface Random {
  next(): number;
  below(limit: number): number;
  chance(probability: number): boolean;
}

/** mulberry32: small, seedable, good enough to vary test data. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, below: (limit) => Math.floor(next() * limit), chance: (probability) => next() < probability };
}

export interface GeneratedService {
  name: string;
  isJob: boolean;
  hasHealth: boolean;
  [key: string]: unknown;
}

/** Up to `most` services that depend on earlier ones, on up to three networks, some with volumes, ports and jobs. */
export function generatedStack(
  seed: number,
  most = 8,
): { services: Record<string, object>; networks: object; volumes: object } {
  const random = randomFrom(seed);
  const networks = ["default", "front", "back"].slice(0, 1 + random.below(3));
  const made: GeneratedService[] = [];
  const services: Record<string, object> = {};
  const count = 1 + random.below(most);
  for (let index = 0; index < count; index += 1) {
    const service = { name: `s${index}`, isJob: random.chance(0.2), hasHealth: random.chance(0.4) };
    services[service.name] = generatedService(random, { service, index, seed, made, networks });
    made.push(service);
  }
  const named = networks.filter((name) => name !== "default");
  return { services, networks: Object.fromEntries(named.map((name) => [name, {}])), volumes: { data: {} } };
}

interface Place {
  service: GeneratedService;
  index: number;
  seed: number;
  made: readonly GeneratedService[];
  networks: readonly string[];
}

function generatedService(random: Random, { service, index, seed, made, networks }: Place): object {
  const on = networks.filter(() => random.chance(0.6));
  return {
    image: random.chance(0.3) ? `repo/app${random.below(3)}@sha256:${"ab".repeat(32)}` : "local:1",
    command: [service.isJob ? "job" : "serve", String(seed)],
    ...(service.isJob ? {} : { restart: "always" }),
    ...(service.hasHealth && !service.isJob ? { healthcheck: { test: "true" } } : {}),
    ...(on.length > 0 ? { networks: on } : {}),
    ...(random.chance(0.3) ? { volumes: ["data:/data"] } : {}),
    ...(random.chance(0.2) && !service.isJob ? { ports: [`127.0.0.1:${20_000 + (seed % 300) * 10 + index}:80`] } : {}),
    environment: { VARIANT: String(random.below(5)) },
    depends_on: dependencies(random, made),
  };
}

function dependencies(random: Random, made: readonly GeneratedService[]): object {
  const chosen = made.filter(() => random.chance(0.3));
  return Object.fromEntries(
    chosen.map(({ name, isJob, hasHealth }) => [
      name,
      { condition: condition(isJob, hasHealth), restart: random.chance(0.2) },
    ]),
  );
}

function condition(isJob: boolean, hasHealth: boolean): string {
  if (isJob) return "service_completed_successfully";
  return hasHealth ? "service_healthy" : "service_started";
}
