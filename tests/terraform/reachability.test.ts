import { expect, test } from "vitest";
import { ofType, type Resource } from "../../scripts/fleet/resource.ts";
import { missing, mockedStates, plans } from "./fleet.ts";
import { appLeavesByRouters, dangling, flows, hasGateway } from "./reachability.ts";
import { exposedDataSubnets } from "./subnets.ts";

const GUIDE = [
  // Customers come through Cloudflare alone (443; 80 answers with a redirect).
  "cloudflare -> balancer tcp/443",
  "cloudflare -> balancer tcp/80",
  "balancer -> app tcp/8080",
  "app -> database tcp/5432",
  "app -> cache tcp/6379",
  // Outbound, through a router: HTTPS, and HTTP for signed packages.
  "app -> router -> internet tcp/443",
  "app -> router -> internet tcp/80",
  "router -> internet tcp/443",
  "router -> internet tcp/80",
  // Between the two routers: heartbeats, probe tunnel, connection state.
  "router -> router tcp/7947",
  "router -> router udp/4789",
  "router -> router udp/7946",
].toSorted();

const states = missing === undefined ? await mockedStates() : await plans();
const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;

test.skipIf(missing !== undefined).each(states)(
  `$environment permits the guide's flow and nothing more${skipped}`,
  ({ resources }) => {
    expect(flows(resources)).toEqual(GUIDE);
    expect(dangling(resources)).toEqual([]);
  },
);

test.skipIf(missing !== undefined)(`only public subnets see the internet gateway${skipped}`, () => {
  for (const { resources } of states) {
    expect(exposedDataSubnets(resources)).toEqual([]);
    expect([hasGateway(resources, "public"), hasGateway(resources, "app"), hasGateway(resources, "data")]).toEqual([
      true,
      false,
      false,
    ]);
  }
});

// No emulator has Session Manager's data channel: what it needs is proven from the plan instead.
test.skipIf(missing !== undefined)(`a session needs no way in: agent's rights, a way out, no port 22${skipped}`, () => {
  for (const { resources } of states) {
    const rights = ofType(resources, "aws_iam_role_policy").filter(({ address }) =>
      address.startsWith("module.access."),
    );
    expect(rights).toHaveLength(2);
    for (const { values } of rights) {
      for (const action of [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:OpenDataChannel",
      ]) {
        expect(values.policy).toContain(action);
      }
    }
    expect(ofType(resources, "aws_iam_instance_profile")).toHaveLength(2);
    expect(appLeavesByRouters(resources)).toBe(true);
    expect(flows(resources).filter((flow) => flow.endsWith("tcp/22"))).toEqual([]);
  }
});

test.skipIf(missing !== undefined)(`the evaluator sees a hole of each kind${skipped}`, () => {
  const [prod] = states;
  const change = (address: string, values: Record<string, unknown>): Resource[] =>
    prod!.resources.map((resource) => (resource.address === address ? changed(resource, values) : resource));
  const from = (resources: readonly Resource[]) => flows(resources).filter((flow) => !GUIDE.includes(flow));
  const database = 'module.network.aws_vpc_security_group_ingress_rule.data_from_app["database"]';
  expect(from(change(database, { referenced_security_group_id: null, cidr_ipv4: "0.0.0.0/0" }))).toEqual([
    "internet -> database tcp/5432",
  ]);
  expect(
    from(change('module.network.aws_vpc_security_group_egress_rule.app_to_internet["https"]', { to_port: 65535 })),
  ).toEqual([]);
  const app = prod!.resources.find(({ address }) => address === 'module.router.aws_route.default["eu-west-3a"]')!;
  expect(appLeavesByRouters(change(app.address, { network_interface_id: "eni-another" }))).toBe(false);
});

function changed(resource: Resource, values: Record<string, unknown>): Resource {
  return { ...resource, values: { ...resource.values, ...values } };
}
