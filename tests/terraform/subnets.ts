import { ofType, type Resource } from "../../scripts/fleet/resource.ts";

/** Data subnets whose table leads out: there must be none. */
export function exposedDataSubnets(resources: readonly Resource[]): readonly string[] {
  const exits = new Set(
    ofType(resources, "aws_route")
      .filter(({ values }) => values.destination_cidr_block === "0.0.0.0/0")
      .map(({ values }) => values.route_table_id),
  );
  return ofType(resources, "aws_route_table_association")
    .filter(({ name, values }) => name === "data" && exits.has(values.route_table_id))
    .map(({ index }) => String(index));
}
