import type { MedusaContainer } from "@medusajs/framework/types";
import { Modules } from "@medusajs/framework/utils";
import { createRegionsWorkflow, createTaxRegionsWorkflow } from "@medusajs/medusa/core-flows";
import type { Shop } from "../environment.ts";

const paymentProvider = "pp_system_default";
const taxProvider = "tp_system";

/** A region with every country that has none yet (a country belongs to one region); returns the shop's first region. */
export async function seedRegion(container: MedusaContainer, shop: Shop): Promise<string> {
  const regions = await container
    .resolve(Modules.REGION)
    .listRegions({}, { relations: ["countries"], order: { created_at: "ASC" } });
  const taken = new Set(regions.flatMap((region) => region.countries.map((country) => country.iso_2)));
  const countries = shop.countries.filter((country) => !taken.has(country));
  if (countries.length > 0) {
    const { result } = await createRegionsWorkflow(container).run({
      input: {
        regions: [{ name: shop.title, currency_code: shop.currency, countries, payment_providers: [paymentProvider] }],
      },
    });
    regions.push(...result);
  }
  const [first] = regions;
  if (!first) throw new Error("Medusa made no region");
  return first.id;
}

/** One default rate for each country; rates that somebody changed since are left alone. */
export async function seedTaxes(container: MedusaContainer, shop: Shop): Promise<void> {
  const known = await container.resolve(Modules.TAX).listTaxRegions({ country_code: shop.countries });
  const taken = new Set(known.map((region) => region.country_code));
  const missing = shop.countries.filter((country) => !taken.has(country));
  if (missing.length === 0) return;
  await createTaxRegionsWorkflow(container).run({
    input: missing.map((country) => ({
      country_code: country,
      provider_id: taxProvider,
      default_tax_rate: { name: "Default", code: "default", rate: shop.taxRate },
    })),
  });
}
