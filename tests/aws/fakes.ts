import { DATABASES } from "./databases.ts";
import { DOCUMENTS } from "./documents.ts";
import { ELASTICACHE } from "./elasticache.ts";
import { FLEET } from "./fleet.ts";
import { IMAGES } from "./images.ts";
import { MACHINES } from "./machines.ts";
import { MONEY } from "./money.ts";
import { RESERVATIONS } from "./reservations.ts";
import { SCALING } from "./scaling.ts";
import { SCHEDULES } from "./schedules.ts";
import type { Fake, Fix } from "./stand-in.ts";
import { STORAGE } from "./storage.ts";

export interface FakedCall {
  /** What moto does without this. */
  readonly why: string;
  readonly answer?: Fake;
  readonly fix?: Fix;
}

/** Every call the stand-in does not leave to moto alone, with the reason. */
export const FAKES: Readonly<Record<string, FakedCall>> = {
  ...DATABASES,
  ...DOCUMENTS,
  ...ELASTICACHE,
  ...FLEET,
  ...IMAGES,
  ...MACHINES,
  ...MONEY,
  ...RESERVATIONS,
  ...SCALING,
  ...SCHEDULES,
  ...STORAGE,
};
