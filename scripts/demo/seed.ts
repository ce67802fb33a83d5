import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import type { Clock } from "../../node-agent/src/core/retry.ts";
import { UnhealthyError } from "../../node-agent/src/errors.ts";
import { type AdminClient, signIn } from "./admin-client.ts";
import { PLANTS, type Plant } from "./catalogue.ts";
import { hasPicture } from "./picture-check.ts";
import { priceInclusive, productOf } from "./product.ts";

interface SeedOptions {
  /** The shop as browsers reach it; the admin API lies under it. */
  readonly baseUrl: string;
  readonly email: string;
  readonly password: string;
  readonly log: (text: string) => void;
  readonly clock?: Clock;
}

interface KnownProduct {
  readonly id: string;
  readonly handle: string;
  readonly thumbnail: string | null;
}

/**
 * Puts the demo plants on the shelves through the admin API, as a person would. Again: one list call, and a picture
 * that its store has lost is uploaded anew; whatever somebody changed in the admin stays as it is.
 */
export async function seedShop({ baseUrl, email, password, log, clock = systemClock }: SeedOptions): Promise<void> {
  const admin = await signIn(clock, { baseUrl, email, password });
  const known = await listKnown(admin);
  const missing = PLANTS.filter(({ handle }) => !known.has(handle));
  const bare = await withoutPicture(clock, known);
  // Only on empty shelves: later the choice is the shopkeeper's.
  if (known.size === 0) await priceInclusive(admin);
  if (missing.length > 0) await addProducts(admin, missing, log);
  if (bare.length > 0) await renewPictures(admin, bare, log);
  if (missing.length + bare.length === 0) log(`${PLANTS.length} plants are on the shelves`);
}

async function listKnown(admin: AdminClient): Promise<ReadonlyMap<string, KnownProduct>> {
  const query = new URLSearchParams({ fields: "id,handle,thumbnail", limit: String(PLANTS.length) });
  for (const { handle } of PLANTS) query.append("handle[]", handle);
  const { products } = await admin.get<{ products: readonly KnownProduct[] }>(`/admin/products?${query}`);
  return new Map(products.map((product) => [product.handle, product]));
}

interface BareProduct {
  readonly plant: Plant;
  readonly id: string;
}

async function withoutPicture(clock: Clock, known: ReadonlyMap<string, KnownProduct>): Promise<readonly BareProduct[]> {
  const checked = await Promise.all(
    PLANTS.map(async (plant) => {
      const product = known.get(plant.handle);
      if (product === undefined) return [];
      const seen = product.thumbnail !== null && (await hasPicture(clock, product.thumbnail));
      return seen ? [] : [{ plant, id: product.id }];
    }),
  );
  return checked.flat();
}

async function addProducts(admin: AdminClient, plants: readonly Plant[], log: (text: string) => void): Promise<void> {
  log(`drawing and uploading ${plants.length} pictures`);
  const pictures = await uploadPictures(admin, plants);
  const [{ shipping_profiles }, { stores }] = await Promise.all([
    admin.get<{ shipping_profiles: readonly { id: string }[] }>("/admin/shipping-profiles?limit=1"),
    admin.get<{ stores: readonly { default_sales_channel_id: string | null }[] }>("/admin/stores?limit=1"),
  ]);
  const shelf = { profile: shipping_profiles[0]?.id, channel: stores[0]?.default_sales_channel_id ?? undefined };
  log(`putting ${plants.length} plants on the shelves`);
  const create = plants.map((plant) => productOf(plant, { ...shelf, picture: pictures.get(plant.handle) ?? "" }));
  await admin.post("/admin/products/batch", { create });
}

async function renewPictures(
  admin: AdminClient,
  bare: readonly BareProduct[],
  log: (text: string) => void,
): Promise<void> {
  log(`uploading ${bare.length} lost pictures again`);
  const pictures = await uploadPictures(
    admin,
    bare.map(({ plant }) => plant),
  );
  const update = bare.map(({ plant, id }) => {
    const url = pictures.get(plant.handle) ?? "";
    return { id, thumbnail: url, images: [{ url }] };
  });
  await admin.post("/admin/products/batch", { update });
}

/** The address of each plant's uploaded picture, by handle. */
async function uploadPictures(admin: AdminClient, plants: readonly Plant[]): Promise<ReadonlyMap<string, string>> {
  const files = plants.map(({ handle, draw }) => ({ name: `${handle}.svg`, type: "image/svg+xml", text: draw() }));
  const urls = await admin.upload(files);
  return new Map(
    plants.map(({ handle }) => {
      // Medusa's providers put a ULID or the time beside the name of an upload.
      const url = urls.find((candidate) => new RegExp(`[/-]${handle}[.-][^/]*$`).test(candidate));
      if (url === undefined) throw lostUpload(handle);
      return [handle, url];
    }),
  );
}

function lostUpload(handle: string): UnhealthyError {
  return new UnhealthyError(`the shop gave no address for the picture of ${handle}`, {
    why: "its answer to the upload names no such file",
    fix: "see ./greenleaf logs backend",
  });
}
