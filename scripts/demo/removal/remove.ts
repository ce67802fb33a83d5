import type { AdminClient } from "../admin-client.ts";
import { removedMark } from "../mark.ts";
import type { Removal } from "./plan.ts";

/** Carries a plan out; broken off, the next one finds what is left. */
export async function carryOut(
  admin: AdminClient,
  { products, categories, collections, pictures }: Removal,
  now: Date,
) {
  // First: an `up` beside it, or after a removal that broke off, puts nothing back.
  await noteRemoved(admin, now);
  if (products.length > 0) await admin.post("/admin/products/batch", { delete: products.map(({ id }) => id) });
  for (const { id } of categories) await admin.delete(`/admin/product-categories/${id}`);
  for (const { id } of collections) await admin.delete(`/admin/collections/${id}`);
  for (const picture of pictures) await admin.delete(`/admin/uploads/${fileOf(picture)}`);
}

async function noteRemoved(admin: AdminClient, now: Date): Promise<void> {
  const { stores } = await admin.get<{ stores: readonly { id: string }[] }>("/admin/stores?fields=id&limit=1");
  for (const { id } of stores) await admin.post(`/admin/stores/${id}`, { metadata: removedMark(now) });
}

const fileOf = (url: string): string => new URL(url).pathname.split("/").at(-1) ?? "";
