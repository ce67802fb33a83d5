import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHOP } from "./browser.ts";
import { KEEPER, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const AGENT = process.env.GREENLEAF_SHOP_PORT ? Number(process.env.GREENLEAF_SHOP_PORT) + 3 : 9090;
const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** All processes of a container: a signal by the engine reaches the first one alone. */
function signal(container: string, name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of docker("top", container, "-eo", "pid").split("\n").slice(1)) {
    try {
      process.kill(Number(pid), name);
    } catch (error) {
      // A probe of its health comes and goes.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Takes a server away in one way and gives back what brings it again. */
const AWAY = {
  killed(container: string) {
    docker("kill", container);
    return () => docker("start", container);
  },
  frozen(container: string) {
    signal(container, "SIGSTOP");
    return () => signal(container, "SIGCONT");
  },
  "cut off"(container: string) {
    const network = `${PROJECT}-local`;
    const path = `{{json (index .NetworkSettings.Networks "${network}").Aliases}}`;
    const aliases = JSON.parse(docker("inspect", "--format", path, container)) as string[];
    docker("network", "disconnect", network, container);
    const names = aliases.flatMap((name) => ["--alias", name]);
    return () => docker("network", "connect", ...names, network, container);
  },
};

/** Asks until the answer is the one that is waited for; the last one is given, and judged by the caller. */
async function askUntil<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > deadline) return answer;
    await sleep(200);
  }
}

async function api(path: string): Promise<string> {
  const answer = await fetch(`${SHOP}${path}`, { signal: AbortSignal.timeout(90_000) }).catch((error: Error) => error);
  return answer instanceof Error ? answer.message : `${answer.status} ${await answer.text()}`;
}

const metrics = async () => (await fetch(`http://127.0.0.1:${AGENT}/metrics`)).text();

const put = (visitor: Visitor) =>
  visitor.send("/api/cart/items", { variant: plant.variant, quantity: "1", from: plant.handle });

let plant: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  const keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 50, price: 12 });
});
afterAll(() => plant?.remove().catch(() => undefined));

/** A customer with a plant in the cart who has just looked at the shelves. */
async function customer(): Promise<Visitor> {
  const visitor = openVisitor(SHOP);
  expect((await put(visitor)).text).toContain("Added to your cart.");
  expect((await visitor.read(`/plants/${plant.handle}`)).text).toContain(plant.title);
  expect((await visitor.read("/")).status).toBe(200);
  return visitor;
}

/** The shelves stay full; what could not be done is said, and done later by whoever tries again. */
async function expectClosedForAMoment(visitor: Visitor): Promise<void> {
  expect((await visitor.read(`/plants/${plant.handle}`)).text).toContain("€12.00");
  expect((await visitor.read("/")).text).toContain("Snake Plant");
  for (const path of ["/cart", "/checkout"]) {
    const { status, text } = await visitor.read(path);
    expect([path, status, text.includes("The shop is closed for a moment")]).toEqual([path, 503, true]);
  }
  expect((await put(visitor)).path).toContain("notice=try-again");
}

/** Nothing is lost, and all is as before without anybody's help. */
async function expectOpen(visitor: Visitor): Promise<void> {
  const cart = await askUntil(
    () => visitor.read("/cart"),
    ({ status }) => status === 200,
  );
  expect(cart.text).toContain(plant.title);
  const added = await askUntil(
    () => put(visitor),
    ({ text }) => text.includes("Added to your cart."),
  );
  expect(added.text).toContain("Added to your cart.");
}

describe.skipIf(reason)(title("while a server behind the shop is away"), () => {
  test.each([
    ["postgres", "killed"],
    ["postgres", "frozen"],
    ["postgres", "cut off"],
    ["valkey", "killed"],
    ["valkey", "frozen"],
    ["valkey", "cut off"],
  ] as const)("%s %s: plants are shown, orders are refused in words, and it goes on by itself", async (name, how) => {
    const visitor = await customer();
    const [said, dependency] = name === "postgres" ? ["postgresql", "database"] : ["valkey", "cache"];
    const comeBack = AWAY[how](`${PROJECT}-local-${name}-1`);
    try {
      const refusal = await askUntil(
        () => api("/store/regions"),
        (answer) => answer.includes("unavailable"),
      );
      expect(refusal).toMatch(new RegExp(`^503 .*"unavailable".*${said}`));
      await expectClosedForAMoment(visitor);
      const line = `greenleaf_dependency_up{dependency="${dependency}"} 0`;
      expect(await askUntil(metrics, (text) => text.includes(line))).toContain(line);
      // No new node would have it either: the balancer shall replace none.
      expect(await api("/healthz")).toMatch(/^200 /);
    } finally {
      comeBack();
    }
    await expectOpen(visitor);
    const line = `greenleaf_dependency_up{dependency="${dependency}"} 1`;
    expect(await askUntil(metrics, (text) => text.includes(line))).toContain(line);
  });

  test("the backend frozen: plants are shown, and it goes on by itself", async () => {
    const visitor = await customer();
    const label = (key: string, value: string) => ["--filter", `label=com.docker.compose.${key}=${value}`];
    const backend = docker("ps", "--quiet", ...label("project", PROJECT), ...label("service", "backend"));
    signal(backend, "SIGSTOP");
    try {
      const cart = await visitor.read("/cart");
      expect([cart.status, cart.text.includes("The shop is closed for a moment")]).toEqual([503, true]);
      await expectClosedForAMoment(visitor);
    } finally {
      // The agent may have found it and made it anew.
      if (docker("ps", "--quiet", "--filter", `id=${backend}`) !== "") signal(backend, "SIGCONT");
    }
    await expectOpen(visitor);
  });
});
