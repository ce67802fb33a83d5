import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Handler } from "./pages.ts";

export interface ShopServer {
  readonly server: Server;
  /** From now on every answer ends its connection and readiness says no. */
  drain(): void;
}

interface ShopOptions {
  readonly pages: Handler;
  /** Content-Security-Policy of a page that has none of its own. */
  readonly policy: string;
  /** Gives the reason why not, or undefined. */
  readonly isReady: () => Promise<string | undefined>;
}

/** Health answers and response headers around the pages. */
export function createShopServer({ pages, policy, isReady }: ShopOptions): ShopServer {
  let draining = false;

  const readiness = async (response: ServerResponse) => {
    const reason = draining ? "the storefront is stopping" : await isReady();
    answer(response, reason === undefined ? 200 : 503, reason ?? "ready");
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (draining) response.setHeader("Connection", "close");
    if (request.url === "/healthz") return answer(response, 200, "ok");
    if (request.url === "/readyz") return readiness(response);
    response.setHeader("Content-Security-Policy", policy);
    return pages(request, response);
  };

  // Nothing here speaks another protocol. Next, asked for one, ends the connection, which a proxy takes for a server that is
  // away; and programs ask unbidden (Upgrade: h2c). So it is a request like any other.
  const server = createServer({ shouldUpgradeCallback: () => false }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`storefront: ${request.method} failed: ${error instanceof Error ? error.stack : error}\n`);
      if (!response.headersSent) answer(response, 500, "the page could not be made");
      else response.destroy();
    });
  });

  return {
    server,
    drain() {
      draining = true;
    },
  };
}

/** Pages carry no script at all, so none is allowed: what a stranger may smuggle into a page stays text. */
export function closedPolicy(mediaUrl: string): string {
  const pictures = `'self' ${new URL(mediaUrl).origin} https: data:`;
  return `default-src 'none'; style-src 'self'; connect-src 'self'; img-src ${pictures}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`${text}\n`);
}
