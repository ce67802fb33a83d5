import { expect, test } from "vitest";
import { planFleet } from "../../scripts/fleet/plans.ts";
import type { Resource } from "../../scripts/fleet/resource.ts";
import { openWorkspace, workspaceOf } from "../../scripts/fleet/terraform.ts";
import { missing, plans, requireTools } from "./fleet.ts";

const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
const withTerraform = test.skipIf(missing !== undefined);

/** Bad values, each with what the refusal must say: the variable, and the way out. One plan refuses all it is given. */
const REFUSED: ReadonlyArray<readonly [environment: string, values: Readonly<Record<string, RegExp>>]> = [
  [
    "prod",
    {
      "cidr=10.30.0.0/16": /variable cidr: 10\.30\.0\.0\/16 is the range of another environment in envs/,
      'azs=["eu-west-3a"]': /variable azs: name exactly two zones/,
      "parked=true": /variable parked: only an environment with a schedule/,
      'database={instance_class="db.t4g.small",multi_az=false}': /variable database: outside dev multi_az/,
      'app={instance_type="t3.medium",min=1,max=6}': /variable app: min must be 2 or more/,
      "budget_usd=600": /variable budget_usd: above 0, and no more than the 500/,
      [`shop={theme="${"x".repeat(4_001)}"}`]: /variable shop: theme is CSS of at most 4000 characters/,
      "mail_port=25": /variable mail_port: use 587 or another port of SMTP with TLS/,
    },
  ],
  [
    "preprod",
    {
      'router_azs=["eu-west-3a"]': /variable router_azs: outside dev every zone has its router/,
      "cidr=172.17.0.0/16": /variable cidr: .* overlaps a range the nodes use themselves/,
      'schedule={days="SUNDAY"}': /variable schedule: days is \* or names such as MON-FRI/,
    },
  ],
];

withTerraform.each(REFUSED)(
  `bad values for %s are refused by the variable's name, with the way out${skipped}`,
  async (environment, values) => {
    const workspace = await openWorkspace(requireTools());
    try {
      await workspace.init();
      const given = [
        "-input=false",
        "-no-color",
        "-refresh=false",
        "-lock=false",
        `-var-file=envs/${environment}.tfvars`,
      ];
      const { code, stderr } = await workspace.run(
        ["plan", ...given, ...Object.keys(values).map((value) => `-var=${value}`)],
        { TF_WORKSPACE: workspaceOf(environment) },
      );
      expect(code).toBe(1);
      const said = stderr.replaceAll(/[\s│]+/g, " ");
      for (const says of Object.values(values)) expect(said).toMatch(says);
    } finally {
      await workspace.close();
    }
  },
);

/** What a switch takes away (-) and brings (+), module by module; counts and keys left out. */
const SWITCHES: ReadonlyArray<readonly [environment: string, name: string, value: string, moves: readonly string[]]> = [
  [
    "preprod",
    "parked",
    "true",
    [
      "- module.balancer.aws_cloudwatch_metric_alarm.balancer",
      "- module.balancer.aws_lb.this",
      "- module.balancer.aws_lb_listener.https",
      "- module.balancer.aws_lb_listener.redirect",
      "- module.balancer.aws_lb_listener_rule.ours",
      "- module.data.aws_cloudwatch_metric_alarm.cache",
      "- module.data.aws_elasticache_replication_group.this",
      "- module.schedules.aws_autoscaling_schedule.start",
      "- module.schedules.aws_scheduler_schedule.database",
    ],
  ],
  [
    "prod",
    "listener_mode",
    "http80",
    [
      "+ module.balancer.aws_lb_listener.http",
      "+ module.network.aws_vpc_security_group_ingress_rule.cloudflare",
      "- module.balancer.aws_lb_listener.https",
      "- module.balancer.aws_lb_listener.redirect",
      "- module.network.aws_vpc_security_group_ingress_rule.cloudflare",
    ],
  ],
  [
    "prod",
    "bastion",
    "true",
    [
      "+ module.network.aws_vpc_security_group_egress_rule.bastion",
      "+ module.network.aws_vpc_security_group_ingress_rule.bastion",
    ],
  ],
  ["prod", "shop", '{theme=":root { --leaf: #7a2048 }"}', ["+ module.secrets.aws_ssm_parameter.this"]],
  // Letters leave by a router, as every packet of an app node does; without the variable no port of mail is open.
  [
    "prod",
    "mail_port",
    "587",
    [
      "+ module.network.aws_vpc_security_group_egress_rule.app_to_internet",
      "+ module.network.aws_vpc_security_group_egress_rule.router_to_internet",
      "+ module.network.aws_vpc_security_group_ingress_rule.router_from_app",
    ],
  ],
];

withTerraform.each(SWITCHES)(
  `%s with %s=%s differs in what the switch says, and in nothing else${skipped}`,
  async (environment, name, value, moves) => {
    const usual = (await plans()).find((planned) => planned.environment === environment)?.resources ?? [];
    const [switched] = await planFleet([environment], { [name]: value });
    const addresses = (resources: readonly Resource[]) => resources.map(({ address }) => address);
    const [before, after] = [addresses(usual), addresses(switched?.resources ?? [])];
    const bare = (sign: string, list: readonly string[]) =>
      list.map((one) => `${sign} ${one.replace(/\[[^\]]*\]$/, "")}`);
    const moved = [
      ...bare(
        "-",
        before.filter((address) => !after.includes(address)),
      ),
      ...bare(
        "+",
        after.filter((address) => !before.includes(address)),
      ),
    ];
    expect([...new Set(moved)].toSorted()).toEqual(moves);
  },
);
