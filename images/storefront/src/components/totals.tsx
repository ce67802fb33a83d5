import { formatMoney } from "../shop/money.ts";
import type { Totals as Amounts } from "../store/types.ts";

/** What the things cost, what their delivery costs, and what is to be paid. */
export function Totals({ amounts, delivery }: { amounts: Amounts; delivery: boolean }) {
  const money = (amount: number) => formatMoney(amount, amounts.currency_code);
  return (
    <dl className="totals">
      <div>
        <dt>Plants</dt>
        <dd>{money(amounts.item_total)}</dd>
      </div>
      <div>
        <dt>Delivery</dt>
        <dd>{delivery ? money(amounts.shipping_total) : "at checkout"}</dd>
      </div>
      <div className="totals-sum">
        <dt>Total</dt>
        <dd data-testid="total">{money(amounts.total)}</dd>
      </div>
      <div className="totals-tax">
        <dt>of which VAT</dt>
        <dd>{money(amounts.tax_total)}</dd>
      </div>
    </dl>
  );
}
