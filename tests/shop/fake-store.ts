import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The few answers of Medusa's store API that the lists need, on a real socket that can be made slow or broken. */
export interface FakeStore {
  readonly url: string;
  /** Milliseconds every answer takes. */
  delay: number;
  /** Answers this instead of what was asked for. */
  status: number | undefined;
  close(): Promise<void>;
}

const REGION = {
  id: "reg_1",
  currency_code: "eur",
  countries: [{ iso_2: "fr", display_name: "France" }],
};

const PRODUCT = {
  id: "prod_1",
  title: "Fern <script>alert(1)</script>",
  subtitle: null,
  description: "Green & <b>fresh</b>",
  handle: "fern",
  thumbnail: "http://elsewhere.example/fern-01M828TY1Z5CFCYZ1DWYQ2N5QH.svg",
  images: [],
  variants: [{ id: "variant_1", title: "Pot", calculated_price: { calculated_amount: 12.5, currency_code: "eur" } }],
  metadata: { light: "Shade", water: { not: "text" } },
};

export async function startFakeStore(key: string): Promise<FakeStore> {
  const store = { url: "", delay: 0, status: undefined as number | undefined, close: async () => {} };
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://store");
    const answer = (): [number, unknown] => {
      if (store.status !== undefined) return [store.status, { message: "away" }];
      if (pathname === "/readyz") return [200, {}];
      if (request.headers["x-publishable-api-key"] !== key)
        return [400, { message: "A valid publishable key is required" }];
      if (pathname === "/store/regions") return [200, { regions: [REGION] }];
      if (pathname !== "/store/products") return [404, { message: "not found" }];
      const wanted = searchParams.get("handle");
      const products = wanted === null || wanted === PRODUCT.handle ? [PRODUCT] : [];
      return [200, { products, count: products.length }];
    };
    setTimeout(() => {
      const [status, body] = answer();
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }, store.delay);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return store;
}
