/** One line of a cart, with what Medusa knows of its variant at this moment; a deleted variant is missing or empty. */
export type Line = {
  title: string;
  quantity: number;
  variant_id?: string | null;
  variant?: Variant | null;
};

export type Variant = {
  manage_inventory?: boolean;
  allow_backorder?: boolean;
  product?: { status?: string; sales_channels?: readonly ({ id: string } | null)[] | null } | null;
  inventory_items?: readonly (Part | null)[] | null;
};

type Part = {
  inventory_item_id: string;
  required_quantity: number;
  inventory?: { location_levels?: readonly (Level | null)[] | null } | null;
};

type Level = {
  stocked_quantity: number;
  reserved_quantity: number;
  stock_locations?: readonly ({ sales_channels?: readonly ({ id: string } | null)[] | null } | null)[] | null;
};

/** Why a cart cannot become an order; `code` is for programs, `message` for the customer. */
export type Refusal = { code: "not_for_sale" | "insufficient_inventory" | "price_changed"; message: string };

const present = <Each>(list: readonly (Each | null)[] | null | undefined): Each[] =>
  (list ?? []).filter((each): each is Each & {} => each !== null && each !== undefined);

/**
 * What of `lines` is not sold in this channel (any more). Medusa itself looks when a line is put into the cart, not
 * when the cart becomes an order (medusa#14317), and fails on a deleted variant without a word about it.
 */
export function unsold(lines: readonly Line[], channel: string | null | undefined): Refusal | undefined {
  const gone = lines.find((line) => line.variant_id && !isSold(line, channel));
  if (gone === undefined) return undefined;
  const message = `"${gone.title}" is no longer for sale. Take it out of your cart to order the rest.`;
  return { code: "not_for_sale", message };
}

function isSold({ variant }: Line, channel: string | null | undefined): boolean {
  if (variant?.product?.status !== "published") return false;
  return !channel || present(variant.product.sales_channels).some(({ id }) => id === channel);
}

/** How many of each stocked thing all lines take together: a set and its part may be the same thing. */
export function taken(lines: readonly Line[]): Map<string, { wanted: number; left: number; lines: Line[] }> {
  const things = new Map<string, { wanted: number; left: number; lines: Line[] }>();
  for (const line of lines.filter(({ variant }) => variant?.manage_inventory && !variant.allow_backorder)) {
    for (const part of present(line.variant?.inventory_items)) {
      const thing = things.get(part.inventory_item_id) ?? { wanted: 0, left: 0, lines: [] };
      thing.wanted += part.required_quantity * line.quantity;
      thing.lines.push(line);
      things.set(part.inventory_item_id, thing);
    }
  }
  return things;
}

/** What there is not enough of for all lines together (medusa#16502: Medusa compares line by line). */
export function missing(lines: readonly Line[], channel: string | null | undefined): Refusal | undefined {
  for (const [id, { wanted, lines: takers }] of taken(lines)) {
    const part = takers.flatMap(({ variant }) => present(variant?.inventory_items)).find(isPart(id));
    const left = part ? leftOf(part, channel) : 0;
    if (left < wanted) return notEnough(takers, left);
  }
  return undefined;
}

const isPart = (id: string) => (part: Part) => part.inventory_item_id === id;

function leftOf({ inventory }: Part, channel: string | null | undefined): number {
  return present(inventory?.location_levels)
    .filter((level) => !channel || sellsIn(level, channel))
    .reduce((sum, level) => sum + Math.max(0, level.stocked_quantity - level.reserved_quantity), 0);
}

function sellsIn({ stock_locations: locations }: Level, channel: string): boolean {
  return present(locations).some(({ sales_channels: channels }) => present(channels).some(({ id }) => id === channel));
}

export function notEnough(takers: readonly Line[], left: number): Refusal {
  const names = [...new Set(takers.map(({ title }) => `"${title}"`))].join(" and ");
  const message = left <= 0 ? `${names}: sold out.` : `${names}: only ${left} left.`;
  return { code: "insufficient_inventory", message };
}
