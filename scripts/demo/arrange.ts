import type { AdminClient } from "./admin-client.ts";
import { markOf } from "./mark.ts";
import { CATEGORIES, COLLECTIONS, VAT } from "./shelves.ts";

/** Ids the shop gave to the demo's categories and collections, by plant. */
export interface Places {
  readonly categories: ReadonlyMap<string, readonly string[]>;
  readonly collection: ReadonlyMap<string, string>;
}

interface Known {
  readonly id: string;
  readonly handle: string;
}

/** The demo's categories and collections; those that are there already are used as they are. */
export async function arrangeShelves(admin: AdminClient): Promise<Places> {
  const categories = new Map<string, readonly string[]>();
  const collection = new Map<string, string>();
  const knownCategories = await admin.get<{ product_categories: readonly Known[] }>(
    "/admin/product-categories?fields=id,handle&limit=1000",
  );
  for (const { handle, name, french, description, frenchDescription, plants } of CATEGORIES) {
    const id =
      idOf(knownCategories.product_categories, handle) ??
      (
        await admin.post<{ product_category: Known }>("/admin/product-categories", {
          name,
          handle,
          description,
          is_active: true,
          metadata: { name_fr: french, description_fr: frenchDescription, ...markOf({ name, description }) },
        })
      ).product_category.id;
    for (const plant of plants) categories.set(plant, [...(categories.get(plant) ?? []), id]);
  }
  const knownCollections = await admin.get<{ collections: readonly Known[] }>(
    "/admin/collections?fields=id,handle&limit=1000",
  );
  for (const { handle, title, french, plants } of COLLECTIONS) {
    const body = { title, handle, metadata: { title_fr: french, ...markOf({ title }) } };
    const id =
      idOf(knownCollections.collections, handle) ??
      (await admin.post<{ collection: Known }>("/admin/collections", body)).collection.id;
    for (const plant of plants) collection.set(plant, id);
  }
  return { categories, collection };
}

const idOf = (known: readonly Known[], handle: string): string | undefined =>
  known.find((each) => each.handle === handle)?.id;

interface TaxRegion {
  readonly country_code: string | null;
  readonly tax_rates: readonly { readonly id: string; readonly is_default: boolean; readonly rate: number | null }[];
}

/** The first run gives every country one rate; the demo's countries get their own. */
export async function setVat(admin: AdminClient): Promise<void> {
  const { tax_regions } = await admin.get<{ tax_regions: readonly TaxRegion[] }>(
    "/admin/tax-regions?fields=id,country_code,*tax_rates&limit=1000",
  );
  for (const { country_code, tax_rates } of tax_regions) {
    const rate = VAT[country_code ?? ""];
    const standard = tax_rates.find(({ is_default }) => is_default);
    if (rate === undefined || standard === undefined || standard.rate === rate) continue;
    await admin.post(`/admin/tax-rates/${standard.id}`, { rate });
  }
}

interface ShippingType {
  readonly id: string;
  readonly code: string;
}

/** Says how long the delivery of the first run takes, where a customer reads it: beside its price. */
export async function setDeliveryTime(admin: AdminClient): Promise<void> {
  const { shipping_option_types } = await admin.get<{ shipping_option_types: readonly ShippingType[] }>(
    "/admin/shipping-option-types?fields=id,code&limit=100",
  );
  const standard = shipping_option_types.find(({ code }) => code === "standard");
  if (standard === undefined) return;
  await admin.post(`/admin/shipping-option-types/${standard.id}`, { description: "To the door, 2 to 4 working days" });
}
