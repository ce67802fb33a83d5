import { expect, test } from "vitest";
import { localWorld } from "../world.ts";
import type { Thing } from "./engine-things.ts";
import { isOurs } from "./own-things.ts";

const world = localWorld({ project: "shop" });
const ROOT = "/var/lib/shop-local";
const NEW = { unlabelled: false, stackFile: "/srv/checkout/compose/docker-compose.yml" };
const OLD = { ...NEW, unlabelled: true };

const thing = (labels: Record<string, string>, more: Partial<Thing> = {}): Thing => ({
  kind: "container",
  id: "1",
  name: "x",
  mounts: [],
  ports: [],
  ...more,
  labels: Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key.replace(/^compose\./, "com.docker.compose."), value]),
  ),
});

const STACK = { "compose.project": "shop" };
const SERVICES = { "compose.project": "shop-local" };
const AGENT = {
  ...STACK,
  "io.greenleaf.hash": "v1:0",
  "compose.project.working_dir": `${ROOT}/var/lib/greenleaf/releases/1`,
};
const FILE = "compose.project.config_files";
const OLD_POSTGRES = thing(
  { ...SERVICES, [FILE]: "/srv/checkout/compose/local.yml" },
  { mounts: [`${ROOT}/local/tls/postgres`] },
);
const OLD_VOLUME = thing(
  { ...SERVICES, "compose.volume": "postgres" },
  { kind: "volume", name: "shop-local_postgres" },
);
const OLD_NETWORK = thing({ ...SERVICES, "compose.network": "local" }, { kind: "network", name: "shop-local" });

test.each([
  ["what carries our label", thing({ "io.greenleaf.root": ROOT }), NEW],
  ["what carries our label, when the root itself is gone", thing({ "io.greenleaf.root": ROOT }), undefined],
  ["what this root's agent made", thing(AGENT), NEW],
  ["a volume of this root's agent", thing({ ...STACK, "compose.version": "greenleaf-0.1.0" }, { kind: "volume" }), NEW],
  ["what docker compose made of this world's own stack", thing({ ...STACK, [FILE]: NEW.stackFile }), NEW],
  ["a database from before our label", OLD_POSTGRES, OLD],
  ["a volume from before our label", OLD_VOLUME, OLD],
  ["a network from before our label", OLD_NETWORK, OLD],
  ["a database that an older checkout started anew in a root of today", OLD_POSTGRES, NEW],
  ["a network that an older checkout made anew for a root of today", OLD_NETWORK, NEW],
])("%s is ours", (_, found, root) => {
  expect(isOurs(world, root, found)).toBe(true);
});

test.each([
  ["a stack of the same project name", thing(STACK), NEW],
  ["a stack of the same project name beside an old root", thing(STACK), OLD],
  ["a stack named as our services are", thing(SERVICES), OLD],
  [
    "a volume of a stack named as our services are",
    thing({ ...SERVICES, "compose.volume": "data" }, { kind: "volume", name: "shop-local_data" }),
    OLD,
  ],
  ["a volume of our name that a stranger made", thing({}, { kind: "volume", name: "shop-local_postgres" }), OLD],
  ["a stranger's local.yml", thing({ ...SERVICES, [FILE]: "/home/x/compose/local.yml" }), OLD],
  [
    "what another root's agent made under the same name",
    thing({ ...AGENT, "compose.project.working_dir": "/tmp/node/releases/1" }),
    NEW,
  ],
  [
    "a folder that only begins like ours",
    thing({ ...AGENT, "compose.project.working_dir": `${ROOT}-2/releases` }),
    NEW,
  ],
  ["another world's", thing({ ...STACK, "io.greenleaf.root": "/var/lib/shop-local-local" }), NEW],
  ["an old volume beside a root of today", OLD_VOLUME, NEW],
  ["an old volume without any root", OLD_VOLUME, undefined],
])("%s is not ours", (_, found, root) => {
  expect(isOurs(world, root, found)).toBe(false);
});
