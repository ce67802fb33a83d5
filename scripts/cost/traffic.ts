import { readFile } from "node:fs/promises";
import { z } from "zod";

const amount = z.number().nonnegative();

const environment = z.strictObject({
  /** Mean number of app nodes while awake. */
  nodes: z.number().positive(),
  out_gb: amount,
  between_zones_gb: amount,
  /** Mean load balancer capacity units. */
  lcu: amount,
  surplus_vcpu_hours: amount,
  log_gb: amount,
  log_kept_gb: amount,
  access_log_gb: amount,
  access_log_puts: amount,
  database_backup_gb_over_free: amount,
  cache_backup_gb_over_free: amount,
  lease_writes: amount,
  kms_requests: amount,
});

const schema = z.strictObject({
  why: z.string(),
  environments: z.record(z.string(), environment),
  shared: z.strictObject({ state_and_artifacts_gb: amount, images_gb: amount }),
  media: z.strictObject({ stored_gb: amount, read_gb: amount, class_a: amount, class_b: amount }),
});

/** Monthly use that no plan can know, declared by people. */
export type Traffic = z.infer<typeof schema>;
export type EnvironmentTraffic = z.infer<typeof environment>;

export const readTraffic = async (path: string): Promise<Traffic> =>
  schema.parse(JSON.parse(await readFile(path, "utf8")));
