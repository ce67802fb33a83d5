import type { Instrumentation } from "next";

/** Next's hook for what no page and no form foresaw: the cause, for whoever repairs it. */
export const onRequestError: Instrumentation.onRequestError = (error, request) => {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const [path] = request.path.split("?");
  console.error(`storefront: ${request.method} ${path} failed: ${cause}`);
};
