import type { ComposePlugin } from "../../../node-agent/src/adapters/machine/compose-plugin.ts";

/** What Compose says of the simulated stack: see STACK in world.ts. */
export const fakeCompose: ComposePlugin = {
  find: async () => ({ program: "/compose", identity: "one" }),
  ask: async (_program, { variables }) => ({ answer: JSON.stringify(modelWith(variables)).replaceAll("$", "$$$$") }),
};

const COMMON = {
  healthcheck: { test: ["CMD", "check"] },
  command: null,
  entrypoint: null,
  networks: { default: null },
};

function modelWith(variables: Readonly<Record<string, string>>): object {
  const run = variables["GREENLEAF_RUN"];
  return {
    name: "greenleaf",
    networks: { default: { name: "greenleaf_default", ipam: {} } },
    services: {
      backend: {
        ...COMMON,
        command: ["/usr/bin/serve"],
        image: variables["GREENLEAF_IMAGE_BACKEND"],
        volumes: [{ type: "volume", source: "data", target: "/data", volume: {} }],
      },
      caddy: {
        ...COMMON,
        image: variables["GREENLEAF_IMAGE_CADDY"],
        depends_on: { backend: { condition: "service_healthy", restart: true, required: true } },
        ports: [{ mode: "ingress", target: 8080, published: "8080", protocol: "tcp" }],
      },
      storefront: {
        ...COMMON,
        image: variables["GREENLEAF_IMAGE_BACKEND"],
        deploy: { update_config: { order: "start-first" }, resources: {}, placement: {} },
      },
    },
    volumes: { data: { name: "greenleaf_data" } },
    "x-greenleaf": {
      services: {
        backend: { env_file: [`${run}/backend.env`], volumes: ["data:/data"] },
        caddy: { env_file: [`${run}/caddy.env`] },
        storefront: { env_file: [`${run}/backend.env`] },
      },
    },
  };
}
