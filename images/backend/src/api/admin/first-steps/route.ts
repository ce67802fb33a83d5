import type { MedusaRequest as Request, MedusaResponse as Response } from "@medusajs/framework/http";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import { readSettings } from "../../../environment.ts";
import { type Facts, stepsOf } from "../../../keeper/first-steps.ts";

/** The demo's products are the oldest: it is put on empty shelves. */
const PRODUCTS = 200;

/** What of a new shop is set, for the admin's page of that name. */
export async function GET(request: Request, response: Response): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  response.json({ steps: stepsOf(await factsOf(request)) });
}

async function factsOf({ scope }: Request): Promise<Facts> {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY);
  const rows = async <Name extends Exclude<keyof Facts, "sendsMail">>(entity: string, fields: string[], more = {}) =>
    (await query.graph({ entity, fields, ...more })).data as unknown as Facts[Name];
  return {
    stores: await rows<"stores">("store", ["name"]),
    locations: await rows<"locations">("stock_location", ["address.address_1", "address.city"]),
    categories: await rows<"categories">("product_category", ["handle", "description", "parent_category.handle"]),
    options: await rows<"options">("shipping_option", ["name", "prices.amount"]),
    regions: await rows<"regions">("region", ["countries.iso_2", "payment_providers.id"]),
    taxes: await rows<"taxes">("tax_region", ["country_code", "tax_rates.is_default", "tax_rates.rate"]),
    products: await rows<"products">("product", ["metadata"], {
      pagination: { take: PRODUCTS, skip: 0, order: { created_at: "ASC" } },
    }),
    sendsMail: readSettings(process.env).settings.mail !== undefined,
  };
}
