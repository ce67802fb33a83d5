/** What the visitor's cookie says: which cart, and how many things lie in it (for the header, without a call). */
export interface CartCookie {
  readonly id: string;
  readonly count: number;
}

export function writeCartCookie({ id, count }: CartCookie): string {
  return `${id}.${count}`;
}

/** Undefined for anything this shop did not write. */
export function readCartCookie(value: string | undefined): CartCookie | undefined {
  const match = /^([A-Za-z0-9_]{1,64})\.(\d{1,5})$/.exec(value ?? "");
  return match?.[1] === undefined ? undefined : { id: match[1], count: Number(match[2]) };
}
