import { askStore } from "../store/client.ts";
import { forCustomer } from "../store/customers.ts";
import { isRefused } from "../store/errors.ts";
import type { Metadata } from "../store/types.ts";
import type { WantedReturn } from "./read-return.ts";

/** A line of an order of which some may still be given back. */
export interface ReturnableLine {
  readonly id: string;
  readonly product_title: string | null;
  readonly variant_title: string | null;
  readonly title: string;
  readonly thumbnail: string | null;
  readonly quantity: number;
}

export interface AskedReturn {
  readonly id: string;
  readonly status: string;
  readonly requested_at: string | null;
  readonly quantity: number;
}

export interface ReturnReason {
  readonly id: string;
  readonly label: string;
  readonly metadata?: Metadata | null;
}

export interface Returns {
  readonly order: {
    readonly id: string;
    readonly display_id: number;
    readonly lines: readonly ReturnableLine[];
    readonly returns: readonly AskedReturn[];
  };
  readonly reasons: readonly ReturnReason[];
}

const pathOf = (order: string): string => `/store/customers/me/orders/${encodeURIComponent(order)}/returns`;

/** Undefined for an order that is not this customer's, and when the login is no longer good. */
export const findReturns = (token: string, order: string): Promise<Returns | undefined> =>
  forCustomer(() => askStore<Returns>(pathOf(order), { token }));

/** False when so many are no longer left to give back. */
export async function askForReturn(token: string, order: string, wanted: WantedReturn): Promise<boolean> {
  try {
    await askStore(pathOf(order), { method: "POST", body: wanted, token });
    return true;
  } catch (error) {
    if (isRefused(error) && error.code === "not_returnable") return false;
    throw error;
  }
}
