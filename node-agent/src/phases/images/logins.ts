import { ecrOf } from "../../base/aws-domain.ts";
import type { PullOptions } from "../../core/stack/engine.ts";
import { ask, newBudget } from "../boot/aws.ts";
import type { Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";

export type Auth = NonNullable<PullOptions["auth"]>;

export interface Logins {
  /** Undefined for a registry that is asked without a name. */
  of(image: string): Promise<Auth | undefined>;
  /** That the registry refused it; false when a new one can be no better. */
  refused(image: string, auth: Auth | undefined): boolean;
}

/** A new token may be refused once: it can take a moment until a registry knows it. */
const MAX_REFUSALS = 2;

/** One token for each registry, shared by all pulls, asked for when the first needs it. */
export function openLogins(boot: Boot & Identified): Logins {
  const tokens = new Map<string, Promise<Auth>>();
  const refusals = new Map<string, number>();
  const registryOf = (image: string) => image.slice(0, image.indexOf("/"));
  return {
    of: async (image) => {
      const ecr = ecrOf(image);
      if (ecr === undefined) return undefined;
      const registry = registryOf(image);
      const token = tokens.get(registry) ?? newToken(boot, ecr);
      tokens.set(registry, token);
      return token;
    },
    refused: (image, auth) => {
      const count = (refusals.get(image) ?? 0) + 1;
      refusals.set(image, count);
      if (auth !== undefined) tokens.delete(registryOf(image));
      return auth !== undefined && count <= MAX_REFUSALS;
    },
  };
}

function newToken(boot: Boot & Identified, { account, region }: NonNullable<ReturnType<typeof ecrOf>>): Promise<Auth> {
  const { document } = boot.node;
  const { registries } = boot.world.aws({ region, endpoints: document.endpoints });
  const budget = newBudget(boot.world, boot.awsBudgetMs);
  return ask(boot.world, { what: `a token for registry ${account}`, budget }, (timeoutMs) =>
    registries.login(account, timeoutMs),
  );
}
