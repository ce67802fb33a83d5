import type { ReactNode } from "react";
import type { Totals as Amounts } from "../store/types.ts";
import { useTexts, useWriting } from "./frame.tsx";

interface TotalsProps {
  readonly amounts: Amounts;
  /** What stands for the cost of delivery while none is chosen. */
  readonly instead?: ReactNode;
}

/** What the things cost, what their delivery costs, and what is to be paid. */
export function Totals({ amounts, instead }: TotalsProps) {
  const texts = useTexts();
  const writing = useWriting();
  const money = (amount: number) => writing.money(amount, amounts.currency_code);
  const items = amounts.original_item_total ?? amounts.item_total;
  const delivery = amounts.original_shipping_total ?? amounts.shipping_total;
  const discount = items - amounts.item_total + delivery - amounts.shipping_total;
  return (
    <dl className="totals">
      <Row name={texts.plants}>{money(items)}</Row>
      {discount > 0.004 ? <Row name={texts.discount}>{money(-discount)}</Row> : null}
      <Row name={texts.delivery}>{instead ?? money(delivery)}</Row>
      <div className="totals-sum">
        <dt>{texts.total}</dt>
        <dd data-testid="total">{money(amounts.total)}</dd>
      </div>
      <div className="totals-tax">
        <dt>{texts.ofWhichVat}</dt>
        <dd>{money(amounts.tax_total)}</dd>
      </div>
    </dl>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
