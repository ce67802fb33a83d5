import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeProduct {
  id: string;
  handle: string;
  thumbnail: string;
  images: { url: string }[];
  metadata: Record<string, unknown>;
  [key: string]: unknown;
}

interface FakeShelf {
  id: string;
  handle: string;
  metadata: Record<string, unknown>;
  [key: string]: unknown;
}

/** The part of Medusa's admin API that seeding uses, and the store its uploads land in, on a real socket. */
export class FakeShop {
  readonly calls: string[] = [];
  readonly products: FakeProduct[] = [];
  readonly files = new Map<string, string>();
  inclusive = false;
  readonly categories: FakeShelf[] = [];
  readonly collections: FakeShelf[] = [];
  readonly orders: { items: { thumbnail: string }[] }[] = [];
  readonly reservations: { inventory_item_id: string }[] = [];
  readonly store = { id: "store_1", default_sales_channel_id: "sc_1", metadata: {} as Record<string, unknown> };
  readonly rates = new Map([
    ["txr_be", 20],
    ["txr_de", 20],
    ["txr_fr", 20],
    ["txr_lu", 20],
  ]);
  deliveryTime = "";
  /** Answers still to be given instead of the login's. */
  troubles: number[] = [];
  url = "";
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const call = `${request.method} ${pathname}`;
    if (pathname.startsWith("/media/")) return this.files.has(pathname) ? [200, "a picture"] : [404, "NoSuchKey"];
    this.calls.push(call);
    if (call === "POST /auth/user/emailpass") return this.#login(JSON.parse(body.toString()) as { password: string });
    if (request.headers.authorization !== "Bearer token") return [401, { message: "Unauthorized" }];
    if (call === "POST /admin/uploads") return this.#upload(body.toString("latin1"));
    if (request.method === "DELETE") return this.#delete(pathname);
    const handles = searchParams.getAll("handle[]");
    const isAsked = ({ handle }: FakeProduct) => handles.length === 0 || handles.includes(handle);
    const page = <T>(things: readonly T[]) => {
      const offset = Number(searchParams.get("offset") ?? 0);
      return things.slice(offset, offset + Number(searchParams.get("limit") ?? 50));
    };
    const routes: Record<string, () => unknown> = {
      "GET /admin/products": () => ({ products: page(this.products.filter(isAsked).map(asListed)) }),
      "GET /admin/stores": () => ({ stores: [this.store] }),
      "POST /admin/stores/store_1": () => Object.assign(this.store.metadata, JSON.parse(body.toString()).metadata),
      "GET /admin/reservations": () => ({ reservations: page(this.reservations) }),
      "GET /admin/orders": () => ({ orders: page(this.orders) }),
      "GET /admin/shipping-profiles": () => ({ shipping_profiles: [{ id: "sp_1" }] }),
      "GET /admin/price-preferences": () => ({ price_preferences: [{ id: "prpref_1", value: "eur" }] }),
      "POST /admin/price-preferences/prpref_1": () => (this.inclusive = true),
      "POST /admin/products/batch": () => this.#batch(JSON.parse(body.toString()) as Batch),
      "GET /admin/product-categories": () => ({ product_categories: page(this.categories) }),
      "GET /admin/collections": () => ({ collections: page(this.collections) }),
      "POST /admin/product-categories": () => ({ product_category: this.#keep(this.categories, "pcat", body) }),
      "POST /admin/collections": () => ({ collection: this.#keep(this.collections, "pcol", body) }),
      "GET /admin/tax-regions": () => ({ tax_regions: this.#taxRegions() }),
      "GET /admin/shipping-option-types": () => ({ shipping_option_types: [{ id: "sotype_1", code: "standard" }] }),
      "POST /admin/shipping-option-types/sotype_1": () => {
        this.deliveryTime = (JSON.parse(body.toString()) as { description: string }).description;
        return {};
      },
    };
    for (const id of this.rates.keys()) {
      routes[`POST /admin/tax-rates/${id}`] = () =>
        this.rates.set(id, (JSON.parse(body.toString()) as { rate: number }).rate);
    }
    const route = routes[call];
    return route === undefined ? [404, { message: `no ${call}` }] : [200, route()];
  }

  #delete(pathname: string): [number, unknown] {
    const id = pathname.split("/").at(-1) ?? "";
    if (this.files.delete(`/media/${id}`)) return [200, { id }];
    for (const shelf of [this.categories, this.collections]) {
      const at = shelf.findIndex((each) => each.id === id);
      if (at < 0) continue;
      shelf.splice(at, 1);
      return [200, { id }];
    }
    return [404, { message: `no ${id}` }];
  }

  #keep(known: FakeShelf[], prefix: string, body: Buffer): object {
    const sent = JSON.parse(body.toString()) as FakeShelf;
    const made = { parent_category_id: null, ...sent, id: `${prefix}_${sent.handle}` };
    known.push(made);
    return made;
  }

  #taxRegions(): object[] {
    return [...this.rates].map(([id, rate]) => ({
      country_code: id.slice(4),
      tax_rates: [{ id, is_default: true, rate }],
    }));
  }

  #login({ password }: { password: string }): [number, unknown] {
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return [trouble, "<html>"];
    return password === "right" ? [200, { token: "token" }] : [401, { message: "Invalid email or password" }];
  }

  #upload(form: string): [number, unknown] {
    const names = [...form.matchAll(/filename="([\w-]+)\.webp"/g)].map(([, name]) => name);
    const files = names.toReversed().map((name) => {
      const path = `/media/${name}-01M828TY1Z5CFCYZ1DWY${String(this.files.size).padStart(6, "0")}.webp`;
      this.files.set(path, form);
      return { id: path, url: `${this.url}${path}` };
    });
    return [200, { files }];
  }

  #batch({ create = [], update = [], delete: gone = [] }: Batch): object {
    for (const product of create) this.products.push({ ...product, id: `prod_${product.handle}` });
    for (const change of update) {
      const product = this.products.find(({ id }) => id === change.id);
      // Medusa keeps what metadata held besides.
      if (product) Object.assign(product, change, { metadata: { ...product.metadata, ...change.metadata } });
    }
    for (const id of gone)
      this.products.splice(
        this.products.findIndex((each) => each.id === id),
        1,
      );
    return {};
  }
}

interface Batch {
  readonly create?: readonly FakeProduct[];
  readonly update?: readonly FakeProduct[];
  readonly delete?: readonly string[];
}

const asListed = (product: FakeProduct): object => ({ collection_id: null, ...product });
