import { number, ofType, type Resource, text } from "../fleet/resource.ts";
import { arrow, type Box, box, label, type Point, region } from "./shapes.ts";

const WIDTH = 980;
const COLUMN = 400;

interface Facts {
  readonly zones: readonly string[];
  readonly subnet: (tier: string, zone: string) => string;
  readonly routers: ReadonlySet<string>;
  readonly has: (type: string) => boolean;
  readonly value: (type: string, name: string) => unknown;
  /** Ports that the security group rules of a name permit, highest first; empty where there is none. */
  readonly ports: (rule: string, index?: string) => string;
}

const RULE = /^aws_vpc_security_group_(in|e)gress_rule$/;

function factsOf(resources: readonly Resource[]): Facts {
  const subnets = ofType(resources, "aws_subnet");
  return {
    zones: [...new Set(subnets.map(({ index }) => String(index)))].toSorted((a, b) => a.localeCompare(b)),
    subnet: (tier, zone) => text(subnets.find(({ name, index }) => name === tier && index === zone)?.values.cidr_block),
    routers: new Set(ofType(resources, "aws_network_interface").map(({ index }) => String(index))),
    has: (type) => ofType(resources, type).length > 0,
    value: (type, name) => ofType(resources, type)[0]?.values[name],
    ports: (rule, index) => portsOf(resources, rule, index),
  };
}

function portsOf(resources: readonly Resource[], rule: string, index?: string): string {
  const found = resources.filter(
    (one) => RULE.test(one.type) && one.name === rule && (index === undefined || one.index === index),
  );
  return [...new Set(found.map(({ values }) => number(values.from_port)))].toSorted((a, b) => b - a).join(", ");
}

/** An arrow only where a rule lets the packet through. */
const flow = (from: Point, to: Point, ports: string): string[] => (ports === "" ? [] : [arrow(from, to, ports)]);

/** The environment as a picture: subnets, what stands in them, and who speaks to whom on which port. */
export function drawingOf(environment: string, resources: readonly Resource[]): string {
  const facts = factsOf(resources);
  const edge = { x: 40, y: 60, width: WIDTH - 80, height: 44 };
  const balancer = { x: 40, y: 150, width: WIDTH - 80, height: 44 };
  const zones = facts.zones.map((zone, index) => zoneOf(zone, 60 + index * (COLUMN + 60), facts, resources));
  const parts = [
    label(40, 34, `GreenLeaf ${environment}: ${text(facts.value("aws_vpc", "cidr_block"))}`, 18),
    box(edge, "Cloudflare: firewall, cache, pictures from R2", "edge"),
    ...(facts.has("aws_lb")
      ? [box(balancer, `Load balancer (${listeners(resources)}), least outstanding requests`, "public")]
      : []),
    ...flow(below(edge, 0.5), above(balancer, 0.5), facts.ports("cloudflare")),
    ...zones.flatMap(({ parts }) => parts),
    ...zones.flatMap(({ app }) =>
      flow({ x: app.x + 70, y: 194 }, { x: app.x + 70, y: app.y }, facts.ports("app_from_balancer")),
    ),
    ...crossings(zones, facts),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 660" font-family="system-ui, sans-serif" role="img" aria-label="architecture of ${environment}">
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#44554b"/></marker></defs>
<rect width="${WIDTH}" height="660" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`;
}

const listeners = (resources: readonly Resource[]): string =>
  ofType(resources, "aws_lb_listener")
    .map(({ values }) => text(values.protocol))
    .toSorted((a, b) => b.localeCompare(a))
    .join(", ");

interface Zone {
  readonly app: Box;
  readonly router: Box;
  readonly database: Box;
  readonly cache: Box;
  readonly parts: readonly string[];
}

function zoneOf(zone: string, x: number, facts: Facts, resources: readonly Resource[]): Zone {
  const app = { x: x + 15, y: 272, width: 170, height: 50 };
  const router = { x: x + 215, y: 272, width: 170, height: 50 };
  const database = { x: x + 15, y: 482, width: 170, height: 50 };
  const cache = { x: x + 215, y: 482, width: 170, height: 50 };
  const copies = facts.value("aws_db_instance", "multi_az") === true ? 2 : 1;
  const nodes = number(facts.value("aws_elasticache_replication_group", "num_cache_clusters"));
  const place = facts.zones.indexOf(zone);
  const parts = [
    region({ x: x - 15, y: 214, width: COLUMN + 30, height: 350 }, zone),
    region({ x, y: 240, width: 200, height: 110 }, `app ${facts.subnet("app", zone)}`),
    region({ x: x + 205, y: 240, width: 190, height: 110 }, `public ${facts.subnet("public", zone)}`),
    region({ x, y: 450, width: 395, height: 100 }, `data ${facts.subnet("data", zone)}`),
    box(app, appText(resources), "app"),
    ...(facts.routers.has(zone)
      ? [
          box(router, "Router, Elastic IP", "public"),
          arrow(right(app), left(router), ""),
          label(app.x + 8, app.y + 68, "0.0.0.0/0 to the router", 11),
        ]
      : []),
    ...(place < copies ? [box(database, `PostgreSQL${place > 0 ? " (copy)" : ""}`, "data")] : []),
    ...(place < nodes ? [box(cache, `Valkey${place > 0 ? " (replica)" : ""}`, "data")] : []),
  ];
  return { app, router, database, cache, parts };
}

function appText(resources: readonly Resource[]): string {
  const group = ofType(resources, "aws_autoscaling_group").find(({ address }) => address.startsWith("module.app."));
  return `App nodes ${number(group?.values.min_size)} to ${number(group?.values.max_size)}`;
}

// Into data, out to the internet, and from a zone without a router to the other's.
function crossings(zones: readonly Zone[], facts: Facts): string[] {
  const [first] = zones;
  if (!first) return [];
  const lines = zones.flatMap(({ app, router }, index) => [
    ...flow(below(app, 0.3), above(first.database, index === 0 ? 0.4 : 0.8), facts.ports("data_from_app", "database")),
    ...flow(below(app, 0.7), above(first.cache, index === 0 ? 0.3 : 0.7), facts.ports("data_from_app", "cache")),
    ...(facts.routers.has(facts.zones[index] ?? "")
      ? flow(below(router, 0.85), { x: router.x + router.width * 0.85, y: 600 }, facts.ports("router_to_internet"))
      : []),
    ...(facts.routers.has(facts.zones[index] ?? "") ? [] : [arrow(left(app), right(first.router), "0.0.0.0/0")]),
  ]);
  return [
    ...lines,
    box({ x: 40, y: 600, width: WIDTH - 80, height: 36 }, "Internet: payment, registries, AWS", "edge"),
  ];
}

const below = ({ x, y, width, height }: Box, at: number) => ({ x: x + width * at, y: y + height });
const above = ({ x, y, width }: Box, at: number) => ({ x: x + width * at, y });
const right = ({ x, y, width, height }: Box) => ({ x: x + width, y: y + height / 2 });
const left = ({ x, y, height }: Box) => ({ x, y: y + height / 2 });
