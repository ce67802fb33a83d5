import type { AdminClient } from "./admin-client.ts";
import type { Plant } from "./catalogue.ts";
import { FRENCH, FRENCH_PETS } from "./french.ts";
import { markOf } from "./mark.ts";
import { NEEDS } from "./shelves.ts";

const CURRENCY = "eur";
const OPTION = "Size";

interface Shelf {
  readonly picture: string;
  readonly profile: string | undefined;
  readonly channel: string | undefined;
  readonly categories: readonly string[];
  readonly collection: string | undefined;
}

/** What the admin API is told to make of a plant. */
export function productOf(plant: Plant, { picture, profile, channel, categories, collection }: Shelf) {
  const sizes = plant.sizes.map(([pot]) => pot);
  return {
    title: plant.title,
    subtitle: plant.latin,
    handle: plant.handle,
    description: plant.description,
    status: "published",
    thumbnail: picture,
    images: [{ url: picture }],
    metadata: { ...plant.care, ...needsOf(plant), ...frenchOf(plant), ...markOf(plant, picture) },
    categories: categories.map((id) => ({ id })),
    collection_id: collection,
    shipping_profile_id: profile,
    sales_channels: channel === undefined ? [] : [{ id: channel }],
    options: [{ title: OPTION, values: sizes }],
    variants: plant.sizes.map(([pot, euros], index) => ({
      title: pot,
      variant_rank: index,
      options: { [OPTION]: pot },
      prices: [{ currency_code: CURRENCY, amount: euros }],
      // No stock is counted: the demo never sells out.
      manage_inventory: false,
    })),
  };
}

function needsOf({ handle }: Plant): Readonly<Record<string, string>> {
  const [light, water] = NEEDS[handle] ?? [];
  return light === undefined || water === undefined ? {} : { light_need: light, water_need: water };
}

/** The plant's texts in French, under the keys the storefront looks for. */
function frenchOf({ handle, care }: Plant): Readonly<Record<string, string>> {
  const texts = Object.entries(FRENCH[handle] ?? {});
  const pets = FRENCH_PETS[care.pets];
  const all = pets === undefined ? texts : [...texts, ["pets", pets] as const];
  return Object.fromEntries(all.map(([key, text]) => [`${key}_fr`, text]));
}

interface PricePreference {
  readonly id: string;
  readonly value: string | null;
}

/** From now on prices in euros are what a customer pays, tax included, as shops in Europe must show them. */
export async function priceInclusive(admin: AdminClient): Promise<void> {
  const query = new URLSearchParams({ attribute: "currency_code", value: CURRENCY });
  const { price_preferences } = await admin.get<{ price_preferences: readonly PricePreference[] }>(
    `/admin/price-preferences?${query}`,
  );
  const known = price_preferences.find(({ value }) => value === CURRENCY);
  const body = { attribute: "currency_code", value: CURRENCY, is_tax_inclusive: true };
  await admin.post(known === undefined ? "/admin/price-preferences" : `/admin/price-preferences/${known.id}`, body);
}
