/** The parts of Medusa's store API that these pages read. */
export interface Region {
  readonly id: string;
  readonly currency_code: string;
  readonly countries: readonly { readonly iso_2: string; readonly display_name: string }[];
}

export interface CalculatedPrice {
  readonly calculated_amount: number;
  readonly calculated_amount_with_tax?: number | null;
  readonly currency_code: string;
}

export interface Variant {
  readonly id: string;
  readonly title: string;
  /** The shopkeeper's order; 0 where none was given. */
  readonly variant_rank?: number | null;
  readonly sku?: string | null;
  /** Whether stock is counted at all. */
  readonly manage_inventory?: boolean | null;
  readonly allow_backorder?: boolean | null;
  readonly inventory_quantity?: number | null;
  readonly calculated_price?: CalculatedPrice | null;
}

export type Metadata = Readonly<Record<string, unknown>>;

export interface ProductOption {
  readonly title: string;
  readonly values?: readonly { readonly value: string }[] | null;
}

export interface Product {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | null;
  readonly description: string | null;
  readonly handle: string;
  readonly thumbnail: string | null;
  readonly created_at?: string | null;
  readonly collection_id?: string | null;
  readonly categories?: readonly { readonly id: string }[] | null;
  readonly tags?: readonly { readonly value: string }[] | null;
  readonly options?: readonly ProductOption[] | null;
  readonly images?: readonly { readonly id: string; readonly url: string }[] | null;
  readonly variants: readonly Variant[] | null;
  readonly metadata?: Metadata | null;
}

export interface Category {
  readonly id: string;
  readonly name: string;
  readonly handle: string;
  readonly description?: string | null;
  readonly parent_category_id?: string | null;
  readonly rank?: number | null;
  readonly metadata?: Metadata | null;
}

export interface Collection {
  readonly id: string;
  readonly title: string;
  readonly handle: string;
  readonly metadata?: Metadata | null;
}

export interface LineItem {
  readonly id: string;
  readonly variant_id: string | null;
  readonly product_id?: string | null;
  readonly product_title: string | null;
  readonly product_handle: string | null;
  readonly variant_title: string | null;
  readonly title: string;
  readonly thumbnail: string | null;
  readonly quantity: number;
  readonly unit_price: number;
  readonly is_tax_inclusive?: boolean | null;
  readonly total: number;
}

export interface Address {
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly address_1: string | null;
  readonly address_2: string | null;
  readonly postal_code: string | null;
  readonly city: string | null;
  readonly country_code: string | null;
  readonly phone?: string | null;
}

export interface Totals {
  readonly currency_code: string;
  readonly total: number;
  readonly item_total: number;
  readonly original_item_total?: number | null;
  readonly shipping_total: number;
  readonly original_shipping_total?: number | null;
  readonly tax_total: number;
}

export interface Cart extends Totals {
  readonly id: string;
  readonly region_id: string;
  readonly email: string | null;
  readonly completed_at: string | null;
  readonly customer_id?: string | null;
  readonly items: readonly LineItem[];
  readonly shipping_address: Address | null;
  readonly billing_address?: Address | null;
  readonly promotions?: readonly { readonly code: string | null; readonly is_automatic?: boolean | null }[] | null;
  readonly shipping_methods: readonly { readonly id: string; readonly shipping_option_id: string | null }[];
}

export interface ShippingOption {
  readonly id: string;
  readonly name: string;
  readonly amount: number | null;
  readonly calculated_price?: CalculatedPrice | null;
  readonly type?: { readonly description: string | null } | null;
}

export interface Order extends Totals {
  readonly id: string;
  readonly display_id: number;
  readonly email: string | null;
  readonly created_at?: string;
  readonly status?: string;
  readonly fulfillment_status?: string;
  readonly items: readonly LineItem[];
  readonly shipping_address: Address | null;
  readonly billing_address?: Address | null;
  readonly shipping_methods: readonly { readonly name: string }[];
}
