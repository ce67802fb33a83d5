import { ELASTICACHE } from "./elasticache.ts";
import { MONEY } from "./money.ts";
import { SCALING } from "./scaling.ts";
import type { Fake, Mend } from "./stand-in.ts";

export interface FakedCall {
  /** What moto does without this. */
  readonly because: string;
  readonly answer?: Fake;
  readonly mend?: Mend;
}

/** Every call the stand-in does not leave to moto alone, with the reason. */
export const FAKES: Readonly<Record<string, FakedCall>> = { ...ELASTICACHE, ...SCALING, ...MONEY };
