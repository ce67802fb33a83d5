import * as z from "zod";
import "../config/read-once.ts";
import { firstOf, ipv4Text } from "./ipv4.ts";

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipv4 = `${octet}(\\.${octet}){3}`;
const address = z.string().regex(new RegExp(`^${ipv4}$`), "use an IPv4 address such as 10.0.1.10");
const range = z.string().regex(new RegExp(`^${ipv4}/([89]|[12]\\d|3[0-2])$`), "use an IPv4 range such as 10.0.0.0/16");
const target = z.string().regex(new RegExp(`^${ipv4}:\\d{1,5}$`), "use address:port; a name would need DNS to stand");

/** One availability zone as its router sees it. Every field is known to Terraform before the instance exists. */
const zone = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** The private ranges whose packets this zone's router translates. */
  sources: z.array(range).min(1),
  /** The zone's fixed interface: its address with the subnet's length, and its MAC, by which it is found. */
  interface: z
    .string()
    .regex(/^eni-[0-9a-f]+$/)
    .optional(),
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "use six pairs of lower-case hex digits")
    .optional(),
  address: range.optional(),
  /** Second private address of that interface: carries the other zone's public address during a failover. */
  standby: address.optional(),
  allocation: z
    .string()
    .regex(/^eipalloc-[0-9a-f]+$/)
    .optional(),
  /** The private route table whose 0.0.0.0/0 names the owner of the zone. */
  routeTable: z
    .string()
    .regex(/^rtb-[0-9a-f]+$/)
    .optional(),
});

/** What a router is told about its network: part of the node document, no secret. */
export const routerDocument = z.strictObject({
  /** The ranges of the VPC: never translated, never reached through the router. */
  vpc: z.array(range).min(1),
  /** The router's own zone, then the one it stands by for. */
  zones: z.array(zone).min(1).max(2),
  /** Where the failover lease lives. */
  lease: z
    .string()
    .regex(/^dynamodb:[A-Za-z0-9_.-]{3,255}$/, "use dynamodb:TABLE")
    .optional(),
  /** Addresses outside that answer TCP; a majority of them decides. */
  probes: z.array(target).min(1).max(7).optional(),
  /** Seconds a flow may be idle before its next packet is answered with a reset. */
  idle: z.number().int().min(30).max(86_400).optional(),
});

export type RouterDocument = z.infer<typeof routerDocument>;

/** The same ranges as the kernel writes them: host bits cleared, each once. */
export function canonicalRouter(router: RouterDocument): RouterDocument {
  const ranges = (all: readonly string[]) => [...new Set(all.map(canonicalRange))];
  return {
    ...router,
    vpc: ranges(router.vpc),
    zones: router.zones.map((each) => ({ ...each, sources: ranges(each.sources) })),
  };
}

function canonicalRange(text: string): string {
  const [, length = "32"] = text.split("/");
  return `${ipv4Text(firstOf(text))}/${length}`;
}

/** `eu-west-3a` lies in `eu-west-3`. */
const regionOf = (zone: string): string => zone.replace(/[a-z]$/, "");

export type RouterZone = z.infer<typeof zone>;

/** Where the AWS of a router is: the region its document names, or the one its own zone lies in. */
export const placeOf = <Endpoints>(
  { region, endpoints }: { readonly region?: string | undefined; readonly endpoints?: Endpoints | undefined },
  home: Pick<RouterZone, "name">,
): { region: string; endpoints: Endpoints | undefined } => ({ region: region ?? regionOf(home.name), endpoints });
