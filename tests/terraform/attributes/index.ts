import type { Resource } from "../../../scripts/fleet/resource.ts";
import { ACCESS } from "./access.ts";
import { BALANCER } from "./balancer.ts";
import { COMPUTE } from "./compute.ts";
import { DATA } from "./data.ts";
import { MONEY } from "./money.ts";
import { NETWORK } from "./network.ts";
import { type Requirements, valuesAt } from "./requirement.ts";
import { type WiringProblem, wiringProblems } from "./wiring.ts";

/** What every argument of the plan must be, written by hand, with the reason. */
export const REQUIREMENTS: Requirements = { ...COMPUTE, ...BALANCER, ...DATA, ...NETWORK, ...ACCESS, ...MONEY };

/** Arguments that are not what they must be: of the plan by value, of the state by what they name. */
export function attributeProblems(
  environment: string,
  plan: readonly Resource[],
  state: readonly Resource[],
): readonly WiringProblem[] {
  const wrong = plan.flatMap((resource) =>
    Object.entries(REQUIREMENTS[resource.type] ?? {}).flatMap(([path, [why, holds]]) =>
      valuesAt(resource.values, path).every((value) => holds(value, { resource, environment }))
        ? []
        : [{ id: `ATTRIBUTE ${path}`, address: resource.address, what: why }],
    ),
  );
  return [...wrong, ...wiringProblems(state)];
}
