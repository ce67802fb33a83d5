import { beforeAll, expect, test } from "vitest";
import type { Planned } from "../../scripts/fleet/plans.ts";
import type { Resource } from "../../scripts/fleet/resource.ts";
import { attributeProblems } from "./attributes/index.ts";
import { type DrawnMutant, drawnMutants, planted, sample } from "./drawn-mutants.ts";
import { missing, mockedStates, plans } from "./fleet.ts";
import { findings } from "./policies/index.ts";
import { flows } from "./reachability.ts";

const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
const SEED = 20_261_127;
const DRAWN = 400;

/** An environment as planned and as applied to a mocked AWS, and what is said of it unchanged. */
interface Subject {
  readonly plan: Planned;
  readonly state: readonly Resource[];
  readonly usual: ReadonlySet<string>;
  readonly flows: string;
}

const subjects: Subject[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  const states = await mockedStates();
  for (const [index, plan] of (await plans()).entries()) {
    const state = states[index]?.resources ?? [];
    const usual = new Set(problems(plan.environment, plan.resources, state));
    subjects.push({ plan, state, usual, flows: flows(state).join() });
  }
});

function problems(environment: string, resources: readonly Resource[], state: readonly Resource[]): readonly string[] {
  return [...findings({ environment, resources }), ...attributeProblems(environment, resources, state)].map(
    ({ id, address }) => `${id} at ${address}`,
  );
}

/** What is said at the mutant's own address and was not said before; a packet that goes another way counts as said. */
function said({ plan, state, usual, flows: before }: Subject, mutant: DrawnMutant): readonly string[] {
  const mutated = planted(state, mutant);
  const fresh = problems(plan.environment, planted(plan.resources, mutant), mutated).filter(
    (problem) => !usual.has(problem) && problem.endsWith(` at ${mutant.address}`),
  );
  return flows(mutated).join() === before ? fresh : [...fresh, "a flow"];
}

const describe = ({ address, path, operator, from, to }: DrawnMutant): string =>
  `${address} ${path.join(".")} ${operator}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`;

test.skipIf(missing !== undefined)(`every argument of every environment is as it must be${skipped}`, () => {
  for (const { plan, state } of subjects)
    expect(attributeProblems(plan.environment, plan.resources, state)).toEqual([]);
});

test.skipIf(missing !== undefined)(
  `of ${DRAWN} mutants drawn from the plans, each planted alone, at least 95 % are noticed where they are${skipped}`,
  () => {
    const all = subjects.flatMap((subject) =>
      drawnMutants(subject.plan.resources, subject.state).map((mutant) => ({ subject, mutant })),
    );
    const drawn = sample(all, DRAWN, SEED);
    const alive = drawn.filter(({ subject, mutant }) => said(subject, mutant).length === 0);
    process.stdout.write(`drawn mutants: ${DRAWN - alive.length} of ${DRAWN} noticed, of ${all.length} there are\n`);
    for (const { mutant } of alive) process.stdout.write(`  alive: ${describe(mutant)}\n`);
    expect(drawn.length).toBe(DRAWN);
    expect(alive.length / DRAWN).toBeLessThanOrEqual(0.05);
  },
);

const NAMED: ReadonlyArray<
  readonly [what: string, address: RegExp, change: (values: Record<string, unknown>) => void]
> = [
  [
    "metadata is switched off: no node can boot",
    /module\.app\..*aws_launch_template\.this$/,
    (values) => Object.assign(first(values.metadata_options), { http_endpoint: "disabled" }),
  ],
  [
    "no node stands behind the balancer",
    /module\.app\.module\.group\.aws_autoscaling_group/,
    (values) => Object.assign(values, { target_group_arns: [] }),
  ],
  [
    "the database has no key of ours",
    /aws_db_instance\.this$/,
    (values) => Object.assign(values, { kms_key_id: null }),
  ],
  [
    "a boot of half a minute is thrown away",
    /module\.app\.module\.group\.aws_autoscaling_group/,
    (values) => Object.assign(first(values.initial_lifecycle_hook), { heartbeat_timeout: 30 }),
  ],
  [
    "an alarm of the database tells nobody",
    /module\.data\.aws_cloudwatch_metric_alarm\.database\["cpu"\]$/,
    (values) => Object.assign(values, { alarm_actions: [] }),
  ],
  [
    "the backup runs while the database is maintained",
    /aws_db_instance\.this$/,
    (values) => Object.assign(values, { backup_window: "02:45-03:15" }),
  ],
  [
    "the budget watches a tag that no resource has",
    /aws_budgets_budget\.this$/,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what Terraform once wrote by mistake
    (values) => Object.assign(first(values.cost_filter), { values: ["user:Environment${var.environment}"] }),
  ],
];

test.skipIf(missing !== undefined).each(NAMED)(`noticed: %s${skipped}`, (_, address, change) => {
  const subject = subjects[0] as Subject;
  const altered = (resources: readonly Resource[]) =>
    resources.map((resource) => {
      if (!address.test(resource.address)) return resource;
      const values = structuredClone(resource.values) as Record<string, unknown>;
      change(values);
      return { ...resource, values };
    });
  const { plan, state, usual } = subject;
  const found = problems(plan.environment, altered(plan.resources), altered(state)).filter((one) => !usual.has(one));
  expect(found.some((problem) => address.test(problem.split(" at ")[1] ?? ""))).toBe(true);
});

function first(list: unknown): Record<string, unknown> {
  return (list as Record<string, unknown>[])[0] as Record<string, unknown>;
}
