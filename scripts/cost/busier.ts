import { type BillInput, billOf } from "./bill.ts";
import type { EnvironmentTraffic, Traffic } from "./traffic.ts";

/** French VAT, which AWS and Cloudflare add for whoever has no VAT number. */
export const VAT = 0.2;

const MONTH_HOURS = 730;
/** A t3.medium earns 20 % of each of its two vCPUs; at a steady 60 % the rest is surplus. */
const SURPLUS_AT_60 = 2 * (0.6 - 0.2);

export interface Busier {
  readonly name: string;
  readonly total: number;
}

/** What the whole costs when production has more to do than was declared. */
export function busier(inputs: ReadonlyMap<string, BillInput>, total: number): readonly Busier[] {
  const prod = inputs.get("prod");
  const usual = prod?.traffic.environments.prod;
  if (!prod || !usual) return [];
  const others = total - billOf(prod).total;
  const priced = (name: string, traffic: EnvironmentTraffic): Busier => ({
    name,
    total: others + billOf({ ...prod, traffic: withProd(prod.traffic, traffic) }).total,
  });
  const surplus = usual.nodes * MONTH_HOURS * SURPLUS_AT_60;
  return [
    ...[2, 5, 10].map((times) =>
      priced(`prod's traffic ${times} times (${usual.out_gb * times} GB out)`, much(usual, times)),
    ),
    priced("prod's app nodes steadily at 60 % CPU", { ...usual, surplus_vcpu_hours: surplus }),
  ];
}

const withProd = (traffic: Traffic, prod: EnvironmentTraffic): Traffic => ({
  ...traffic,
  environments: { ...traffic.environments, prod },
});

/** What grows with the number of requests. */
const much = (usual: EnvironmentTraffic, times: number): EnvironmentTraffic => ({
  ...usual,
  out_gb: usual.out_gb * times,
  between_zones_gb: usual.between_zones_gb * times,
  lcu: usual.lcu * times,
  log_gb: usual.log_gb * times,
  access_log_gb: usual.access_log_gb * times,
  access_log_puts: usual.access_log_puts * times,
});
