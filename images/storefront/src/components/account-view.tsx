import type { ReactNode } from "react";
import { say } from "../language/say.ts";
import type { Customer } from "../store/customers.ts";
import type { Order } from "../store/types.ts";
import type { Texts } from "../texts/texts.ts";
import { AddressBlock } from "./address-block.tsx";
import { useTexts, useWriting } from "./frame.tsx";
import { ShopForm, ShopLink } from "./shop-link.tsx";

interface AccountViewProps {
  readonly customer: Customer;
  readonly orders: readonly Order[];
  readonly notice: ReactNode;
}

export function AccountView({ customer, orders, notice }: AccountViewProps) {
  const texts = useTexts();
  return (
    <>
      <h1>{say(texts.hello, { name: customer.first_name ?? customer.email })}</h1>
      {notice}
      <div className="account-parts">
        <Orders orders={orders} />
        <Addresses customer={customer} />
        <OwnData customer={customer} />
      </div>
    </>
  );
}

function Orders({ orders }: { orders: readonly Order[] }) {
  const texts = useTexts();
  const { money, date } = useWriting();
  return (
    <section className="panel" aria-labelledby="orders">
      <h2 id="orders">{texts.yourOrders}</h2>
      {orders.length === 0 ? <p>{texts.noOrders}</p> : null}
      <ul className="orders">
        {orders.map((order) => (
          <li key={order.id}>
            <ShopLink href={`/account/orders/${order.id}`}>
              {say(texts.orderOf, { number: order.display_id, date: date(order.created_at ?? "") })}
            </ShopLink>
            <span>
              {statusOf(order, texts)} · {money(order.total, order.currency_code)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function statusOf({ status, fulfillment_status }: Order, texts: Texts): string {
  if (status === "canceled") return texts.statusCanceled;
  if (fulfillment_status === "delivered") return texts.statusDelivered;
  return /shipped$/.test(fulfillment_status ?? "") ? texts.statusSent : texts.statusPlaced;
}

function Addresses({ customer }: { customer: Customer }) {
  const texts = useTexts();
  return (
    <section className="panel" aria-labelledby="addresses">
      <h2 id="addresses">{texts.yourAddresses}</h2>
      {customer.addresses.length === 0 ? <p>{texts.noAddresses}</p> : null}
      {customer.addresses.map((address) => (
        <div key={address.id}>
          <AddressBlock email={null} address={address} />
          <ShopForm className="voucher" action="/api/account/addresses">
            <input type="hidden" name="remove" value={address.id} />
            <button type="submit" aria-label={say(texts.removeAddress, { city: address.city ?? "" })}>
              {texts.remove}
            </button>
          </ShopForm>
        </div>
      ))}
      <p>
        <ShopLink className="button button-quiet" href="/account/address">
          {texts.addAddress}
        </ShopLink>
      </p>
    </section>
  );
}

function OwnData({ customer }: { customer: Customer }) {
  const texts = useTexts();
  return (
    <section className="panel" aria-labelledby="data">
      <h2 id="data">{texts.yourData}</h2>
      <p>{customer.email}</p>
      <ShopForm action="/api/account/logout">
        <button className="button button-quiet" type="submit">
          {texts.logOut}
        </button>
      </ShopForm>
      <p>
        <a href="/api/account/export">{texts.exportData}</a>
      </p>
      <p>
        <ShopLink href="/account/delete">{texts.deleteAccount}</ShopLink>
      </p>
    </section>
  );
}
