import type { Language } from "../language/language.ts";
import { ORDER_FIELDS } from "./carts.ts";
import { askStore, tellStore } from "./client.ts";
import { isRefused } from "./errors.ts";
import type { Address, Order } from "./types.ts";

export interface CustomerAddress extends Address {
  readonly id: string;
  readonly is_default_shipping?: boolean | null;
}

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly addresses: readonly CustomerAddress[];
}

export interface Login {
  readonly email: string;
  readonly password: string;
  /** Whose attempts are counted. */
  readonly client: string | undefined;
}

interface Token {
  readonly token: string;
}

const asking = (client: string | undefined) => ({ client: client ?? "unknown" });

/** Undefined when address and password do not belong together. */
export async function logIn({ email, password, client }: Login): Promise<string | undefined> {
  try {
    const request = { method: "POST", body: { email, password }, ...asking(client) } as const;
    const { token } = await askStore<Token>("/auth/customer/emailpass", request);
    return token;
  } catch (error) {
    if (isRefused(error) && error.status === 401) return undefined;
    throw error;
  }
}

export interface NewCustomer extends Login {
  /** The language its mails are written in. */
  readonly language: Language;
  readonly first_name: string;
  readonly last_name: string;
}

/** The new customer's token; undefined when the address has an account whose password is another. */
export async function register(customer: NewCustomer): Promise<string | undefined> {
  const { email, first_name, last_name, client, language } = customer;
  const identity = (await newIdentity(customer)) ?? (await logIn(customer));
  if (identity === undefined) return undefined;
  try {
    const body = { email, first_name, last_name, metadata: { language } };
    await askStore("/store/customers", { method: "POST", body, token: identity, ...asking(client) });
  } catch (error) {
    // An account that was there already, and whose password is the one given: that is a login.
    if (!isRefused(error) || error.status === 429) throw error;
  }
  return logIn(customer);
}

async function newIdentity({ email, password, client }: Login): Promise<string | undefined> {
  try {
    const request = { method: "POST", body: { email, password }, ...asking(client) } as const;
    return (await askStore<Token>("/auth/customer/emailpass/register", request)).token;
  } catch (error) {
    if (isRefused(error) && error.status === 401) return undefined;
    throw error;
  }
}

interface ForgottenPassword {
  readonly email: string;
  readonly language: Language;
  /** Whose attempts are counted. */
  readonly client: string | undefined;
}

/** Has a link sent to the address, where it is known: the backend says the same, at the same time, in either case. */
export async function askForReset({ email, language, client }: ForgottenPassword): Promise<void> {
  const body = { identifier: email, metadata: { language } };
  await tellStore("/auth/customer/emailpass/reset-password", { method: "POST", body, ...asking(client) });
}

interface NewPassword {
  readonly token: string;
  readonly password: string;
  /** Whose attempts are counted. */
  readonly client: string | undefined;
}

/** False when the token of the link is not good, or no longer. */
export async function resetPassword({ token, password, client }: NewPassword): Promise<boolean> {
  try {
    const request = { method: "POST", body: { password }, token, ...asking(client) } as const;
    await tellStore("/auth/customer/emailpass/update", request);
    return true;
  } catch (error) {
    if (isRefused(error) && error.status === 401) return false;
    throw error;
  }
}

/** Undefined when the token is no longer good. */
export function findCustomer(token: string): Promise<Customer | undefined> {
  const query = { fields: "id,email,first_name,last_name,*addresses" };
  return forCustomer(
    async () => (await askStore<{ customer: Customer }>("/store/customers/me", { query, token })).customer,
  );
}

export function listOrders(token: string): Promise<readonly Order[] | undefined> {
  const query = { fields: ORDER_FIELDS, limit: "100", order: "-created_at" };
  return forCustomer(
    async () => (await askStore<{ orders: readonly Order[] }>("/store/orders", { query, token })).orders,
  );
}

/** Undefined when the token is no longer good, or what is asked for is not this customer's. */
export async function forCustomer<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRefused(error) && (error.status === 401 || error.status === 404)) return undefined;
    throw error;
  }
}

export async function addAddress(token: string, address: Address): Promise<void> {
  await askStore("/store/customers/me/addresses", { method: "POST", body: address, token });
}

export async function removeAddress(token: string, id: string): Promise<void> {
  await askStore(`/store/customers/me/addresses/${encodeURIComponent(id)}`, { method: "DELETE", token });
}

/** Deletes the account, its addresses and its login; its orders stay with the shop. */
export async function deleteAccount(token: string): Promise<void> {
  await askStore("/store/customers/me/erase", { method: "POST", body: {}, token });
}

interface Sought {
  readonly number: number;
  readonly email: string;
  /** Whose attempts are counted. */
  readonly client: string | undefined;
}

/** The id of the order with this number and this address; undefined where there is none. */
export async function lookUpOrder({ number, email, client }: Sought): Promise<string | undefined> {
  const request = { method: "POST", body: { display_id: number, email }, ...asking(client) } as const;
  try {
    return (await askStore<{ order: { id: string } }>("/store/order-lookup", request)).order.id;
  } catch (error) {
    if (isRefused(error) && error.status === 404) return undefined;
    throw error;
  }
}
