import { expect, test } from "vitest";
import { containersOf, type ListedContainer, stopOrder } from "./containers.ts";

function listed(
  service: string,
  options: Partial<ListedContainer> & { dependsOn?: string; oneoff?: string } = {},
): ListedContainer {
  const { dependsOn = "", oneoff = "False", ...rest } = options;
  return {
    Id: `id-${service}`,
    Names: [`/greenleaf-${service}-1`],
    Image: "sha256:1",
    State: "running",
    Status: "Up 2 seconds (healthy)",
    Labels: {
      "com.docker.compose.service": service,
      "com.docker.compose.oneoff": oneoff,
      "com.docker.compose.depends_on": dependsOn,
    },
    ...rest,
  };
}

test("health is read from Docker's own words", () => {
  const health = (State: string, Status: string) => containersOf([listed("x", { State, Status })])[0]?.health;
  expect(health("running", "Up 2 seconds (healthy)")).toBe("healthy");
  expect(health("running", "Up 2 seconds (unhealthy)")).toBe("unhealthy");
  expect(health("running", "Up 2 seconds (health: starting)")).toBe("starting");
  expect(health("running", "Up 2 seconds")).toBe("unchecked");
  expect(health("exited", "Exited (0) 3 minutes ago")).toBe("stopped");
  expect(health("restarting", "Restarting (1) 1 second ago")).toBe("stopped");
  expect(health("paused", "Up 5 minutes (Paused)")).toBe("stopped");
});

test("one-off containers and those of no service are not part of the stack", () => {
  const foreign = { ...listed("job"), Labels: {} };
  expect(containersOf([listed("backend", { oneoff: "True" }), foreign, listed("caddy")]).map((c) => c.service)).toEqual(
    ["caddy"],
  );
});

test("what depends on others is stopped first, what nobody needs any more next", () => {
  const caddy = listed("caddy", { dependsOn: "backend:service_healthy:false,storefront:service_healthy:true" });
  const stack = containersOf([
    listed("backend"),
    listed("storefront", { dependsOn: "backend:service_started:false" }),
    caddy,
  ]);
  expect(stopOrder(stack).map((group) => group.map(({ service }) => service))).toEqual([
    ["caddy"],
    ["storefront"],
    ["backend"],
  ]);
});

test("a dependency that does not run holds nobody up, and a circle is stopped at once", () => {
  const alone = containersOf([listed("caddy", { dependsOn: "backend:service_healthy:false" })]);
  expect(stopOrder(alone)).toHaveLength(1);
  const circle = containersOf([
    listed("a", { dependsOn: "b:service_started:false" }),
    listed("b", { dependsOn: "a:service_started:false" }),
  ]);
  expect(stopOrder(circle).map((group) => group.length)).toEqual([2]);
});
