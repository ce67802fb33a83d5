import type { ShopServer } from "./shop-server.ts";

/** On SIGTERM: no new connections, running requests get their answer, then the process ends by itself. */
export function stopGently(shop: ShopServer, { withinMs }: { withinMs: number }): void {
  const stop = () => {
    shop.drain();
    shop.server.close(() => process.exit(0));
    // A browser or proxy holding its connection open must not hold the process: idle ones are closed as they become so.
    setInterval(() => shop.server.closeIdleConnections(), 100).unref();
    setTimeout(() => process.exit(0), withinMs).unref();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
}
