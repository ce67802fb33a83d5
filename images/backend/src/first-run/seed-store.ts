import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys, Modules } from "@medusajs/framework/utils";
import {
  createApiKeysWorkflow,
  linkSalesChannelsToApiKeyWorkflow,
  updateStoresWorkflow,
} from "@medusajs/medusa/core-flows";
import type { Shop } from "../environment.ts";

/** The sales channel of the store. */
export async function defaultChannel(container: MedusaContainer): Promise<string> {
  const [store] = await container.resolve(Modules.STORE).listStores();
  if (!store?.default_sales_channel_id) throw new Error("the store has no default sales channel");
  return store.default_sales_channel_id;
}

/** Names the store and its currency; returns the sales channel that Medusa made beside the store at its first start. */
export async function seedStore(container: MedusaContainer, shop: Shop): Promise<string> {
  const [store] = await container.resolve(Modules.STORE).listStores({}, { relations: ["supported_currencies"] });
  if (!store?.default_sales_channel_id) throw new Error("Medusa made no default store and sales channel");
  const others = (store.supported_currencies ?? []).map((currency) => currency.currency_code);
  const codes = [...new Set([shop.currency, ...others])];
  await updateStoresWorkflow(container).run({
    input: {
      selector: { id: store.id },
      update: {
        name: shop.title,
        supported_currencies: codes.map((code) => ({ currency_code: code, is_default: code === shop.currency })),
      },
    },
  });
  return store.default_sales_channel_id;
}

/** The publishable key in force that opens `salesChannelId`; made if there is none. */
export async function seedKey(container: MedusaContainer, salesChannelId: string): Promise<string> {
  const keys = await container
    .resolve(Modules.API_KEY)
    .listApiKeys({ type: "publishable" }, { order: { created_at: "ASC" } });
  const key = keys.find(({ revoked_at }) => !revoked_at) ?? (await createKey(container));
  const { data } = await container.resolve(ContainerRegistrationKeys.QUERY).graph({
    entity: "api_key",
    fields: ["sales_channels.id"],
    filters: { id: key.id },
  });
  const linked = (data[0]?.sales_channels ?? []).some(
    (channel: { id: string } | null) => channel?.id === salesChannelId,
  );
  if (!linked) await linkSalesChannelsToApiKeyWorkflow(container).run({ input: { id: key.id, add: [salesChannelId] } });
  return key.token;
}

async function createKey(container: MedusaContainer) {
  const { result } = await createApiKeysWorkflow(container).run({
    input: { api_keys: [{ title: "Storefront", type: "publishable", created_by: "" }] },
  });
  const [key] = result;
  if (!key) throw new Error("Medusa made no publishable key");
  return key;
}
