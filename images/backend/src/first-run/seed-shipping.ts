import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys, Modules } from "@medusajs/framework/utils";
import {
  createLocationFulfillmentSetWorkflow,
  createServiceZonesWorkflow,
  createShippingOptionsWorkflow,
  createShippingProfilesWorkflow,
  createStockLocationsWorkflow,
  linkSalesChannelsToStockLocationWorkflow,
  updateStoresWorkflow,
} from "@medusajs/medusa/core-flows";
import type { Shop } from "../environment.ts";

const fulfillmentProvider = "manual_manual";
const locationName = "Warehouse";
const setName = "Shipping";
const optionName = "Standard";
/** In units of the shop's currency; changed in the admin afterwards. */
const flatPrice = 5;

type Channel = { shop: Shop; salesChannelId: string; regionId: string };

/** A warehouse that ships to the shop's countries for one flat price, and delivers what the sales channel sells. */
export async function seedShipping(container: MedusaContainer, channel: Channel): Promise<void> {
  const locationId = await seedLocation(container, channel);
  const setId = await seedFulfillmentSet(container, locationId);
  const zoneId = await seedZone(container, { setId, countries: channel.shop.countries });
  const profileId = await seedProfile(container);
  await seedOption(container, { zoneId, profileId, currency: channel.shop.currency });
}

async function seedLocation(container: MedusaContainer, { shop, salesChannelId, regionId }: Channel): Promise<string> {
  const locations = container.resolve(Modules.STOCK_LOCATION);
  const [known] = await locations.listStockLocations({ name: locationName });
  const id = known?.id ?? (await createLocation(container, shop));
  await container.resolve(ContainerRegistrationKeys.LINK).create({
    [Modules.STOCK_LOCATION]: { stock_location_id: id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: fulfillmentProvider },
  });
  await linkSalesChannelsToStockLocationWorkflow(container).run({ input: { id, add: [salesChannelId] } });
  await updateStoresWorkflow(container).run({
    input: { selector: {}, update: { default_location_id: id, default_region_id: regionId } },
  });
  return id;
}

async function createLocation(container: MedusaContainer, shop: Shop): Promise<string> {
  const { result } = await createStockLocationsWorkflow(container).run({
    input: {
      locations: [{ name: locationName, address: { address_1: shop.title, country_code: shop.countries[0] ?? "" } }],
    },
  });
  return first(result).id;
}

async function seedFulfillmentSet(container: MedusaContainer, locationId: string): Promise<string> {
  const fulfillment = container.resolve(Modules.FULFILLMENT);
  const find = () => fulfillment.listFulfillmentSets({ name: setName });
  const known = await find();
  if (known.length === 0) {
    await createLocationFulfillmentSetWorkflow(container).run({
      input: { location_id: locationId, fulfillment_set_data: { name: setName, type: "shipping" } },
    });
  }
  return first(known.length > 0 ? known : await find()).id;
}

async function seedZone(
  container: MedusaContainer,
  { setId, countries }: { setId: string; countries: string[] },
): Promise<string> {
  const [known] = await container.resolve(Modules.FULFILLMENT).listServiceZones({ fulfillment_set: { id: setId } });
  if (known) return known.id;
  const { result } = await createServiceZonesWorkflow(container).run({
    input: {
      data: [
        {
          name: "Delivery",
          fulfillment_set_id: setId,
          geo_zones: countries.map((country) => ({ type: "country" as const, country_code: country })),
        },
      ],
    },
  });
  return first(result).id;
}

/** Medusa's own migration makes this profile; made here only if somebody removed it. */
async function seedProfile(container: MedusaContainer): Promise<string> {
  const [known] = await container.resolve(Modules.FULFILLMENT).listShippingProfiles({ type: "default" });
  if (known) return known.id;
  const { result } = await createShippingProfilesWorkflow(container).run({
    input: { data: [{ name: "Default Shipping Profile", type: "default" }] },
  });
  return first(result).id;
}

type Option = { zoneId: string; profileId: string; currency: string };

async function seedOption(container: MedusaContainer, { zoneId, profileId, currency }: Option): Promise<void> {
  const [known] = await container.resolve(Modules.FULFILLMENT).listShippingOptions({ service_zone: { id: zoneId } });
  if (known) return;
  await createShippingOptionsWorkflow(container).run({
    input: [
      {
        name: optionName,
        service_zone_id: zoneId,
        shipping_profile_id: profileId,
        provider_id: fulfillmentProvider,
        price_type: "flat",
        type: { label: optionName, description: "Delivery to the door", code: "standard" },
        prices: [{ currency_code: currency, amount: flatPrice }],
        rules: [
          { attribute: "enabled_in_store", operator: "eq", value: "true" },
          { attribute: "is_return", operator: "eq", value: "false" },
        ],
      },
    ],
  });
}

function first<Thing>(things: readonly Thing[]): Thing {
  const [thing] = things;
  if (thing === undefined) throw new Error("Medusa returned an empty list");
  return thing;
}
