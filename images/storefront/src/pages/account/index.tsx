import type { PageConfig } from "next";
import { AccountView } from "../../components/account-view.tsx";
import { useTexts } from "../../components/frame.tsx";
import { LoginForm } from "../../components/login-form.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { sessionOf } from "../../shop/visitor.ts";
import { type Customer, findCustomer, listOrders } from "../../store/customers.ts";
import type { Order } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface AccountProps {
  readonly customer: Customer | null;
  readonly orders: readonly Order[];
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<AccountProps>(async ({ asked, cookies }) => {
  const notice = asked("notice") ?? null;
  const token = sessionOf(cookies);
  if (token === undefined) return { props: { customer: null, orders: [], notice } };
  const [customer, orders] = await Promise.all([findCustomer(token), listOrders(token)]);
  return { props: { customer: customer ?? null, orders: orders ?? [], notice } };
});

export default function AccountPage({ customer, orders, notice }: AccountProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.account} hidden />
      {customer === null ? (
        <LoginForm notice={<Notice name={notice} />} />
      ) : (
        <AccountView customer={customer} orders={orders} notice={<Notice name={notice} />} />
      )}
    </div>
  );
}
