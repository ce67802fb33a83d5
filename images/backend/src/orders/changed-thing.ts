const THING =
  /^\/(orders|payments|payment-collections|returns|claims|exchanges|order-edits|draft-orders|fulfillments)\/([\w-]+)(?:\/|$)/i;

/** What a request below /admin changes, where two at once must not: "orders/order_01…"; undefined for all else. */
export function changedThing(method: string, path: string): string | undefined {
  if (method !== "POST" && method !== "DELETE") return undefined;
  const [, kind, id] = THING.exec(path) ?? [];
  return kind === undefined ? undefined : `${kind.toLowerCase()}/${id}`;
}
