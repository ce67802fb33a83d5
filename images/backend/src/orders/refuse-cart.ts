import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys, MedusaError, Modules } from "@medusajs/framework/utils";
import { refreshCartItemsWorkflow } from "@medusajs/medusa/core-flows";
import { type Line, missing, notEnough, type Refusal, taken, unsold } from "./for-sale.ts";

type Item = Line & { id: string; unit_price: number; is_custom_price?: boolean };

type Product = NonNullable<NonNullable<Line["variant"]>["product"]>;

type Cart = {
  id: string;
  completed_at?: Date | string | null;
  currency_code: string;
  sales_channel_id?: string | null;
  items?: (Item | null)[] | null;
};

const stockFields = [
  "manage_inventory",
  "allow_backorder",
  "inventory_items.inventory_item_id",
  "inventory_items.required_quantity",
  "inventory_items.inventory.location_levels.stocked_quantity",
  "inventory_items.inventory.location_levels.reserved_quantity",
  "inventory_items.inventory.location_levels.stock_locations.sales_channels.id",
];

const saleFields = ["id", "product.status", "product.sales_channels.id"];

/** What Medusa's own refresh reads of a cart to find the prices that hold for it (fieldsForPricingContext). */
const priceFields = [
  "id",
  "email",
  "locale",
  "currency_code",
  "region_id",
  "customer_id",
  "region.*",
  "item_total",
  "total",
  "customer.id",
  "customer.groups.id",
  "shipping_address.city",
  "shipping_address.country_code",
  "shipping_address.province",
  "shipping_address.postal_code",
  "sales_channel_id",
];

const cartFields = [
  ...priceFields,
  "completed_at",
  "items.*",
  ...[...stockFields, ...saleFields].map((field) => `items.variant.${field}`),
];

async function cartOf(container: MedusaContainer, id: string, fields: string[]): Promise<Cart | undefined> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({ entity: "cart", fields, filters: { id } });
  return data[0] as Cart | undefined;
}

const itemsOf = (cart: Cart): Item[] => (cart.items ?? []).filter((item) => item !== null);

/** Why the cart cannot become an order, asked before anything is done for it; a changed price is in the cart afterwards. */
export async function refusalOf(container: MedusaContainer, cartId: string): Promise<Refusal | undefined> {
  const cart = await cartOf(container, cartId, cartFields);
  if (cart === undefined || cart.completed_at) return undefined;
  const items = itemsOf(cart);
  const { sales_channel_id: channel } = cart;
  return unsold(items, channel) ?? missing(items, channel) ?? (await repriced(container, cart));
}

/** Medusa keeps the price of the moment a line was put into the cart (medusa#11222). */
async function repriced(container: MedusaContainer, cart: Cart): Promise<Refusal | undefined> {
  const items = itemsOf(cart).filter(({ variant_id: variant, is_custom_price: isCustom }) => variant && !isCustom);
  if (items.length === 0) return undefined;
  const prices = await pricesNow(container, { ...cart, items });
  const changed = items.filter(({ id, unit_price: shown }) => prices.has(id) && prices.get(id) !== Number(shown));
  if (changed.length === 0) return undefined;
  await refreshCartItemsWorkflow(container).run({ input: { cart_id: cart.id, force_refresh: true } });
  const format = (amount: number) => `${amount} ${cart.currency_code.toUpperCase()}`;
  const said = changed.map(
    ({ id, title, unit_price: shown }) =>
      `"${title}" was ${format(Number(shown))} and is now ${format(prices.get(id) ?? 0)}`,
  );
  return { code: "price_changed", message: `${said.join(", ")}. The cart has the new price: look at it once more.` };
}

/** By the workflow with which Medusa refreshes a cart, so that both always agree. */
async function pricesNow(container: MedusaContainer, cart: Cart): Promise<Map<string, number>> {
  const engine = container.resolve(Modules.WORKFLOW_ENGINE);
  const { result } = await engine.run("get-variant-items-with-prices-workflow", {
    input: { cart, setPricingContextResult: {} },
  });
  const { lineItems } = result as { lineItems: { selector: { id: string }; data: { unit_price: number } }[] };
  return new Map(lineItems.map(({ selector, data }) => [selector.id, Number(data.unit_price)]));
}

/** The same once more inside of Medusa's workflow, for whoever completes a cart without asking first. */
export async function refuseUnsold(container: MedusaContainer, cart: Cart): Promise<void> {
  if (cart.completed_at) return;
  const items = itemsOf(cart);
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const ids = items.flatMap(({ variant_id: id }) => (id ? [id] : []));
  const { data } = await query.graph({ entity: "variant", fields: saleFields, filters: { id: ids } });
  const products = new Map(data.map((variant) => [variant.id, variant.product as unknown as Product]));
  const lines = items.map((item) => lineOf(item, products.get(item.variant_id ?? "")));
  refuse(unsold(lines, cart.sales_channel_id) ?? missing(lines, cart.sales_channel_id));
}

function lineOf({ title, quantity, variant_id, variant }: Item, product: Product | undefined): Line {
  return {
    title,
    quantity,
    variant_id: variant_id ?? null,
    variant: variant && product ? { ...variant, product } : null,
  };
}

/**
 * Looked at again when all is reserved, because another cart may have reserved meanwhile. Medusa does so itself under
 * a lock, line by line; only lines that share a thing can have taken more together than there is.
 */
export async function refuseOversold(container: MedusaContainer, cartId: string): Promise<void> {
  const cart = await cartOf(container, cartId, [
    "id",
    "items.*",
    ...stockFields.map((name) => `items.variant.${name}`),
  ]);
  if (cart === undefined) return;
  const shared = [...taken(itemsOf(cart))].filter(([, { lines }]) => lines.length > 1);
  if (shared.length === 0) return;
  const inventory = container.resolve(Modules.INVENTORY);
  const levels = await inventory.listInventoryLevels({ inventory_item_id: shared.map(([id]) => id) });
  const isOver = (id: string) =>
    levels.some((level) => level.inventory_item_id === id && level.reserved_quantity > level.stocked_quantity);
  const over = shared.find(([id]) => isOver(id));
  if (over !== undefined) refuse(notEnough(over[1].lines, 0));
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal === undefined) return;
  throw new MedusaError(MedusaError.Types.NOT_ALLOWED, refusal.message, refusal.code);
}
