/** A cookie as it leaves for the browser; no script ever needs one, so none may read it. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Seconds; 0 takes the cookie away. */
  readonly maxAge: number;
  readonly secure: boolean;
}

/** The text of a Set-Cookie header. `value` must be made of cookie characters already. */
export function setCookie({ name, value, maxAge, secure }: Cookie): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}
