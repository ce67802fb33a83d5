import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { UnhealthyError } from "../../node-agent/src/base/errors.ts";
import type { Clock } from "../../node-agent/src/base/wait.ts";
import { type AdminClient, signIn } from "./admin-client.ts";
import { arrangeShelves, type Places, setDeliveryTime, setVat } from "./arrange.ts";
import { PLANTS, type Plant } from "./catalogue.ts";
import { isRemoved, type Metadata, pictureMark } from "./mark.ts";
import { hasPicture } from "./picture-check.ts";
import { PICTURES } from "./pictures.ts";
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
 * that its store has lost is uploaded anew; whatever somebody changed in the admin stays as it is, and a demo that was
 * removed stays away. Tells whether there is one.
 */
export async function seedShop({ baseUrl, email, password, log, clock = systemClock }: SeedOptions): Promise<boolean> {
  const admin = await signIn(clock, { baseUrl, email, password });
  const known = await listKnown(admin);
  const missing = PLANTS.filter(({ handle }) => !known.has(handle));
  if (missing.length > 0 && (await wasRemoved(admin))) {
    log("the demo was removed: the shelves are the shopkeeper's");
    return false;
  }
  const bare = await withoutPicture(clock, known);
  // Only on empty shelves: later the choice is the shopkeeper's.
  const places = known.size === 0 ? await prepareShop(admin) : NO_PLACES;
  if (missing.length > 0) await addProducts(admin, { plants: missing, places, log });
  if (bare.length > 0) await renewPictures(admin, bare, log);
  if (missing.length + bare.length === 0) log(`${PLANTS.length} plants are on the shelves`);
  return true;
}

async function wasRemoved(admin: AdminClient): Promise<boolean> {
  const { stores } = await admin.get<{ stores: readonly { metadata?: Metadata }[] }>("/admin/stores?limit=1");
  return isRemoved(stores[0]);
}

const NO_PLACES: Places = { categories: new Map(), collection: new Map() };

async function prepareShop(admin: AdminClient): Promise<Places> {
  await priceInclusive(admin);
  await setVat(admin);
  await setDeliveryTime(admin);
  return arrangeShelves(admin);
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

interface NewProducts {
  readonly plants: readonly Plant[];
  readonly places: Places;
  readonly log: (text: string) => void;
}

async function addProducts(admin: AdminClient, { plants, places, log }: NewProducts): Promise<void> {
  log(`uploading ${plants.length} pictures`);
  const pictures = await uploadPictures(admin, plants);
  const [{ shipping_profiles }, { stores }] = await Promise.all([
    admin.get<{ shipping_profiles: readonly { id: string }[] }>("/admin/shipping-profiles?limit=1"),
    admin.get<{ stores: readonly { default_sales_channel_id: string | null }[] }>("/admin/stores?limit=1"),
  ]);
  const shelf = { profile: shipping_profiles[0]?.id, channel: stores[0]?.default_sales_channel_id ?? undefined };
  log(`putting ${plants.length} plants on the shelves`);
  const create = plants.map((plant) =>
    productOf(plant, {
      ...shelf,
      picture: pictures.get(plant.handle) ?? "",
      categories: places.categories.get(plant.handle) ?? [],
      collection: places.collection.get(plant.handle),
    }),
  );
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
    return { id, thumbnail: url, images: [{ url }], metadata: pictureMark(url) };
  });
  await admin.post("/admin/products/batch", { update });
}

const AT_ONCE = 4;

/** The address of each plant's uploaded picture, by handle. */
async function uploadPictures(admin: AdminClient, plants: readonly Plant[]): Promise<ReadonlyMap<string, string>> {
  const files = await Promise.all(
    plants.map(async ({ handle }) => {
      const name = `${handle}.webp`;
      return { name, type: "image/webp", bytes: await readFile(join(PICTURES, name)) };
    }),
  );
  const urls: string[] = [];
  // The shop makes the sizes of one picture after the other, and an answer may take a minute.
  for (let at = 0; at < files.length; at += AT_ONCE) urls.push(...(await admin.upload(files.slice(at, at + AT_ONCE))));
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
    code: "shop.picture",
    why: "its answer to the upload names no such file",
    fix: "see ./greenleaf logs backend",
  });
}
