import type { SoldPlant } from "./keeper.ts";
import { addressOf, fieldOf, type Visitor } from "./visitor.ts";

export interface Bought {
  readonly id: string;
  readonly number: string;
  /** What the order's page says. */
  readonly page: string;
}

/** Buys some of a plant through the shop's own forms, in English unless another language is named. */
export async function buy(
  visitor: Visitor,
  plant: Pick<SoldPlant, "variant" | "handle">,
  { email, quantity = "1", language = "en" }: { email: string; quantity?: string; language?: "en" | "fr" },
): Promise<Bought> {
  const at = (path: string) => (language === "en" ? path : `${path}?language=${language}`);
  await visitor.send("/api/cart/items", { variant: plant.variant, quantity, from: plant.handle });
  const delivery = await visitor.send(at("/api/checkout/address"), addressOf(email));
  const option = /name="option"[^>]*value="([^"]+)"/.exec(delivery.html)?.[1] ?? "";
  const total = fieldOf(delivery, "total");
  const order = await visitor.send(at("/api/checkout/order"), { place: "1", total, option });
  const number = /data-testid="order-number">(\d+)</.exec(order.html)?.[1] ?? "";
  return { id: /order_\w+/.exec(order.path)?.[0] ?? "", number, page: order.text };
}
